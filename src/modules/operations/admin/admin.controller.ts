import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, AdminOnly, CurrentActor, Fresh } from '../../../kernel/http/actor.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { clientAddress } from '../../../kernel/throttle/client-address.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { AccountDto, AccountListQuery, AccountPageDto, ReasonQuery, UpdateAccountDto } from './admin.dto.js';
import { AccountResets } from './account-resets.js';
import { AdminService } from './admin.service.js';

@Section(
  'Administration',
  'For admins who signed in with a second factor. Every view and every change of an account is recorded in the access log of its owner.',
  4,
)
@AdminOnly()
@Controller('api/admin/users')
export class AdminController {
  constructor(
    private readonly admin: AdminService,
    private readonly resets: AccountResets,
  ) {}

  @Get()
  @Endpoint({
    summary: 'List accounts',
    description:
      'Filters by part of the address or name, role or state. For each account that is shown, an entry is written to its access log; a page without accounts is recorded in the audit log.',
    returns: AccountPageDto,
  })
  async listAccounts(
    @CurrentActor() actor: Actor,
    @Query() query: AccountListQuery,
  ): Promise<AccountPageDto> {
    return pageOf(query, await this.admin.list(actor, query, query, query.reason));
  }

  @Get(':id')
  @IdParam('The account.')
  @Endpoint({
    summary: 'Get an account',
    description: 'The view and its reason are recorded in the owner’s access log.',
    returns: AccountDto,
    errors: ['not-found'],
  })
  getAccount(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
  ): Promise<AccountDto> {
    return this.admin.get(actor, id, reason);
  }

  @Patch(':id')
  @Fresh()
  @IdParam('The account.')
  @Endpoint({
    summary: 'Update an account (role, state)',
    description:
      'Closing an account ends its sessions and refuses every sign-in; nothing is deleted. A new admin must have a verified address, is signed out everywhere and must set a new password, for which a link is mailed.',
    returns: AccountDto,
    errors: ['not-found', 'last-admin'],
  })
  changeAccount(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
    @Body() body: UpdateAccountDto,
  ): Promise<AccountDto> {
    return this.admin.change(actor, id, body, reason);
  }

  @Post(':id/sign-out')
  @Fresh()
  @IdParam('The account.')
  @Endpoint({
    summary: 'Revoke all sessions of an account',
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
  @Fresh()
  @IdParam('The account.')
  @Endpoint({
    summary: 'Send a password reset to an account',
    description: 'Mails a link to the owner. Only the owner sets the password; the old one works until then.',
    status: 202,
    errors: ['not-found', 'too-many-attempts'],
  })
  resetAccountPassword(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Query() { reason }: ReasonQuery,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.resets.mail(actor, id, reason, clientAddress(request));
  }

  @Delete(':id')
  @Fresh()
  @IdParam('The account.')
  @Endpoint({
    summary: 'Delete an account',
    description:
      'Deletes the account and everything it owns, at once and permanently. The owner is notified.',
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
