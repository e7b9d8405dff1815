import { Body, Controller, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Public } from '../../kernel/http/actor.js';
import { atEvenPace } from '../../kernel/http/even-pace.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { SignInSection } from '../sessions/public.js';
import { EmailDto, EmailTokenDto, ResetPasswordDto } from './email.dto.js';
import { EmailService, PACE_MS } from './email.service.js';
import { MailLimits } from './mail-limits.js';
import { PasswordResetService } from './password-reset.service.js';
import { checkNewPassword, Passwords } from './passwords.js';

const ALIKE = 'The answer is the same, and takes as long, whether anybody has the address or not.';

@SignInSection()
@Controller('api/auth')
@Public('who follows a link from a mail has no token yet')
export class EmailController {
  constructor(
    private readonly emails: EmailService,
    private readonly resets: PasswordResetService,
    private readonly limits: MailLimits,
    private readonly passwords: Passwords,
  ) {}

  @Post('verify-email')
  @Endpoint({
    summary: 'Show that the mailbox is mine',
    description: 'With the token of the mailed link, which works once and for three days.',
    status: 204,
    errors: ['link-expired'],
  })
  verifyEmail(@Body() { token }: EmailTokenDto): Promise<void> {
    return this.emails.verify(token);
  }

  @Post('verify-email/resend')
  @Endpoint({
    summary: 'Mail me the link again',
    description: `Ends the earlier link. ${ALIKE}`,
    status: 202,
    errors: ['too-many-attempts'],
  })
  async resendVerification(@Body() { email }: EmailDto, @Req() request: FastifyRequest): Promise<void> {
    await this.limits.reserve('verify', email, clientAddress(request));
    await atEvenPace(PACE_MS, () => this.emails.resend(email));
  }

  @Post('confirm-email')
  @Endpoint({
    summary: 'Confirm my new address',
    description:
      'With the token that was mailed to the new address. The old one is told; sessions end, but for the one that asked.',
    status: 204,
    errors: ['link-expired', 'email-taken'],
  })
  confirmEmail(@Body() { token }: EmailTokenDto): Promise<void> {
    return this.emails.change(token);
  }

  @Post('forgot-password')
  @Endpoint({
    summary: 'Mail me a link to set a new password',
    description: `It works once, for 15 minutes, and ends the one before. ${ALIKE}`,
    status: 202,
    errors: ['too-many-attempts'],
  })
  async forgotPassword(@Body() { email }: EmailDto, @Req() request: FastifyRequest): Promise<void> {
    await this.limits.reserve('reset', email, clientAddress(request));
    await atEvenPace(PACE_MS, () => this.resets.forgot(email));
  }

  @Post('reset-password')
  @Endpoint({
    summary: 'Set a new password with a mailed link',
    description: 'Ends every session and signs nobody in: sign in with the new password.',
    status: 204,
    errors: ['link-expired'],
  })
  async resetPassword(@Body() { token, new_password: password }: ResetPasswordDto): Promise<void> {
    checkNewPassword(password, 'new_password');
    await this.resets.reset(token, password, await this.passwords.hash(password));
  }
}
