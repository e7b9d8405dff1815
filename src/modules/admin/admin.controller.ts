import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, AdminOnly, CurrentActor, Fresh } from '../../kernel/http/actor.js';
import { pageWire } from '../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { toWire } from '../../kernel/http/wire.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { AccountDto, AccountListQuery, AccountPageDto, ReasonQuery, UpdateAccountDto } from './admin.dto.js';
import { AdminService } from './admin.service.js';

@Section(
  'Administration',
  'For admins who have signed in with a second factor. Every look at an account, and every change, is in the access log of its owner.',
  4,
)
@AdminOnly()
@Controller('api/admin/users')
export class AdminController {
  constructor(private readonly admin: AdminService) {}

  @Get()
  @Endpoint({
    summary: 'List accounts',
    description:
      'By part of the address or name, role or state. Whoever is shown reads so in the access log; a page that shows nobody is in the audit log, too.',
    returns: AccountPageDto,
  })
  async listAccounts(
    @CurrentActor() actor: Actor,
    @Query() { limit, offset, reason, ...filter }: AccountListQuery,
  ): Promise<AccountPageDto> {
    const page = await this.admin.list(actor, filter, { limit, offset }, reason);
    return pageWire(AccountDto, page, { limit, offset });
  }

  @Get(':id')
  @IdParam('The account.')
  @Endpoint({
    summary: 'Look at an account',
    description: 'Its owner reads in the access log that it was looked at, and why.',
    returns: AccountDto,
    errors: ['not-found'],
  })
  async getAccount(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
  ): Promise<AccountDto> {
    return toWire(AccountDto, await this.admin.get(actor, id, reason));
  }

  @Patch(':id')
  @Fresh()
  @IdParam('The account.')
  @Endpoint({
    summary: 'Change the role of an account, or close it',
    description:
      'A closed account is signed out everywhere, and nobody can sign in to it; nothing is deleted. Who becomes an admin must have confirmed the address, is signed out, and sets a new password: a mail says how.',
    returns: AccountDto,
    errors: ['not-found', 'last-admin'],
  })
  async changeAccount(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
    @Body() body: UpdateAccountDto,
  ): Promise<AccountDto> {
    return toWire(AccountDto, await this.admin.change(actor, id, body, reason));
  }

  @Post(':id/sign-out')
  @IdParam('The account.')
  @Endpoint({
    summary: 'Sign an account out everywhere',
    description: 'All its sessions end and are refused within 5 seconds.',
    status: 204,
    errors: ['not-found'],
  })
  signOutAccount(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
  ): Promise<void> {
    return this.admin.signOut(actor, id, reason);
  }

  @Post(':id/reset-password')
  @IdParam('The account.')
  @Endpoint({
    summary: 'Mail the owner a link to set a new password',
    description: 'Nobody but the owner sets it; until then the old one holds.',
    status: 202,
    errors: ['not-found'],
  })
  resetAccountPassword(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
  ): Promise<void> {
    return this.admin.resetPassword(actor, id, reason);
  }

  @Delete(':id')
  @Fresh()
  @IdParam('The account.')
  @Endpoint({
    summary: 'Delete an account',
    description: 'With everything it owns, at once and for good. The owner is told.',
    status: 204,
    errors: ['not-found', 'last-admin'],
  })
  deleteAccountOf(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
  ): Promise<void> {
    return this.admin.remove(actor, id, reason);
  }
}
