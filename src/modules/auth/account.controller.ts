import { Body, Controller, Delete, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, CurrentActor, EvenUnverified, Fresh } from '../../kernel/http/actor.js';
import { atEvenPace } from '../../kernel/http/even-pace.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { AccountSection } from '../users/public.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { ChangePasswordDto } from './auth.dto.js';
import { AccountService } from './account.service.js';
import { EmailDto } from './email.dto.js';
import { EmailService, PACE_MS } from './email.service.js';
import { MailLimits } from './mail-limits.js';

/** What a person does to their account with the password in hand. */
@AccountSection()
@EvenUnverified()
@Controller('api/users/me')
export class AccountController {
  constructor(
    private readonly account: AccountService,
    private readonly emails: EmailService,
    private readonly limits: MailLimits,
  ) {}

  @Post('email')
  @Fresh()
  @Endpoint({
    summary: 'Change my address',
    description:
      'Mails a link to the new address. Until it is opened nothing changes; the answer is the same for an address that is taken.',
    status: 202,
    errors: ['too-many-attempts'],
  })
  async changeEmail(
    @CurrentActor() actor: Actor,
    @Body() { email }: EmailDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const address = clientAddress(request);
    await this.limits.reserve('change', email, address);
    await atEvenPace(PACE_MS, () => this.emails.askToChange(actor, email, address));
  }

  @Put('password')
  @Endpoint({
    summary: 'Change my password',
    description: 'Ends every other session; this one goes on.',
    status: 204,
    errors: ['password-incorrect', 'too-many-attempts'],
  })
  changePassword(
    @CurrentActor() actor: Actor,
    @Body() body: ChangePasswordDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.account.changePassword(
      actor,
      body.current_password,
      body.new_password,
      clientAddress(request),
    );
  }

  @Delete()
  @Fresh()
  @Endpoint({
    summary: 'Delete my account',
    description:
      'Everything the account owns is deleted with it, at once and for good. All tokens are refused from now on.',
    status: 204,
    errors: ['last-admin'],
  })
  deleteAccount(@CurrentActor() actor: Actor): Promise<void> {
    return this.account.deleteAccount(actor);
  }
}
