import { Body, Controller, Delete, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor, EvenUnverified, Fresh } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { AccountSection } from '../users/account-section.js';
import { clientAddress } from '../../../kernel/throttle/client-address.js';
import { ChangePasswordDto } from './auth.dto.js';
import { AccountService } from './account.service.js';
import { EmailDto } from './email.dto.js';
import { EmailChangeService } from './email-change.service.js';
import { MailLimits } from './mail-limits.js';

/** Changes to the account that need the current password or a recent proof. */
@AccountSection()
@EvenUnverified()
@Controller('api/users/me')
export class AccountController {
  constructor(
    private readonly account: AccountService,
    private readonly changes: EmailChangeService,
    private readonly limits: MailLimits,
  ) {}

  @Post('email')
  @Fresh()
  @Endpoint({
    summary: 'Change e-mail',
    description:
      'Mails a link to the new address. Nothing changes until the link is opened. The answer is the same when the address belongs to another account.',
    status: 202,
    errors: ['too-many-attempts'],
  })
  changeEmail(
    @CurrentActor() actor: Actor,
    @Body() { email }: EmailDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.limits.request('change', email, clientAddress(request), () =>
      this.limits.ofPerson('change', actor.userId, () => this.changes.askToChange(actor, email)),
    );
  }

  @Put('password')
  @Endpoint({
    summary: 'Change password',
    description: 'Ends every other session; this one stays open.',
    status: 204,
    errors: ['password-incorrect', 'too-many-attempts'],
  })
  changePassword(@CurrentActor() actor: Actor, @Body() body: ChangePasswordDto): Promise<void> {
    return this.account.changePassword(actor, body.currentPassword, body.newPassword);
  }

  @Delete()
  @Fresh()
  @Endpoint({
    summary: 'Delete the account',
    description:
      'Deletes the account and everything it owns, at once and permanently. All its tokens are refused from then on.',
    status: 204,
    errors: ['last-admin'],
  })
  deleteAccount(@CurrentActor() actor: Actor): Promise<void> {
    return this.account.deleteAccount(actor);
  }
}
