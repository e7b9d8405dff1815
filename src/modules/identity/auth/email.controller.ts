import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { type Actor, MaybeActor, Public, SessionWelcome } from '../../../kernel/http/actor.js';
import { clientAddress } from '../../../kernel/throttle/client-address.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { SignInSection } from '../sessions/sign-in-section.js';
import { ConfirmLinkDto, MailRequestDto, ResetPasswordDto } from './email.dto.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailService } from './email.service.js';
import { MailLimits } from './mail-limits.js';
import { PasswordResetService } from './password-reset.service.js';

/** The errors of a link that must be proved. */
const CONFIRMING = ['link-expired', 'password-incorrect', 'too-many-attempts'] as const;
const PROOF =
  'The mailbox alone is not enough: send the password of whoever asked for the link, or the access token of a session of that account.';
const ALIKE = 'The answer and its time are the same whether or not an account has the address.';
const KNOWN_DEVICE =
  'It is also the same when strangers have used up the mails for this address: send the `device_id` of the app, so that a device on which the account was signed in before still gets one.';

@SignInSection()
@Controller('api/auth')
@Public('the person follows a link in a mail and has no token yet')
export class EmailController {
  constructor(
    private readonly emails: EmailService,
    private readonly changes: EmailChangeService,
    private readonly resets: PasswordResetService,
    private readonly limits: MailLimits,
  ) {}

  @Post('verify-email')
  @SessionWelcome()
  @Endpoint({
    summary: 'Verify e-mail',
    description: `Takes the token of the mailed link. It works once, for three days. ${PROOF} If the address was registered again before it was verified, only the newest link works, and it gives the account to the person of that registration: earlier ways to sign in are removed.`,
    status: 204,
    errors: CONFIRMING,
  })
  verifyEmail(
    @Body() { token, password }: ConfirmLinkDto,
    @MaybeActor() actor: Actor | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.emails.verify(token, { password, actor, address: clientAddress(request) });
  }

  @Post('verify-email/resend')
  @Endpoint({
    summary: 'Resend the verification e-mail',
    description: `Ends the earlier link. ${ALIKE} ${KNOWN_DEVICE}`,
    status: 202,
    errors: ['too-many-attempts'],
  })
  resendVerification(
    @Body() { email, deviceId }: MailRequestDto,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.limits.offer(
      'verify',
      email,
      clientAddress(request),
      () => this.resets.knownDevice(email, deviceId),
      () => this.emails.resend(email),
    );
  }

  @Post('confirm-email')
  @SessionWelcome()
  @Endpoint({
    summary: 'Confirm the new e-mail',
    description: `Takes the token that was mailed to the new address. ${PROOF} The old address is notified, and every session ends except the one that requested the change.`,
    status: 204,
    errors: [...CONFIRMING, 'email-taken'],
  })
  confirmEmail(
    @Body() { token, password }: ConfirmLinkDto,
    @MaybeActor() actor: Actor | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    return this.changes.change(token, { password, actor, address: clientAddress(request) });
  }

  @Post('forgot-password')
  @Endpoint({
    summary: 'Request a password reset',
    description: `Mails a link that works once, for 15 minutes. Earlier links stop working. ${ALIKE} ${KNOWN_DEVICE}`,
    status: 202,
    errors: ['too-many-attempts'],
  })
  forgotPassword(@Body() { email, deviceId }: MailRequestDto, @Req() request: FastifyRequest): Promise<void> {
    return this.limits.offer(
      'reset',
      email,
      clientAddress(request),
      () => this.resets.knownDevice(email, deviceId),
      () => this.resets.forgot(email),
    );
  }

  @Post('reset-password')
  @Endpoint({
    summary: 'Reset password',
    description: 'Ends every session and does not sign in: sign in with the new password.',
    status: 204,
    errors: ['link-expired'],
  })
  resetPassword(@Body() { token, newPassword: password }: ResetPasswordDto): Promise<void> {
    return this.resets.reset(token, password);
  }
}
