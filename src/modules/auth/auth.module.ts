import { Module } from '@nestjs/common';
import { FactorsModule } from '../factors/public.js';
import { SessionsModule } from '../sessions/public.js';
import { UsersModule } from '../users/public.js';
import { AccountController } from './account.controller.js';
import { AuthController } from './auth.controller.js';
import { AccountService } from './account.service.js';
import { EmailController } from './email.controller.js';
import { EmailService } from './email.service.js';
import { EmailTokens } from './email-tokens.js';
import { PasswordResetService } from './password-reset.service.js';
import { Takeover } from './takeover.js';
import { MailLimits, MailPolicy } from './mail-limits.js';
import { RegistrationService } from './registration.service.js';
import { PasswordProof } from './password-proof.js';
import { AuthService } from './auth.service.js';
import { LoginLimits, LoginPolicy } from './login-limits.js';
import { ReauthController } from './reauth.controller.js';
import { Passwords } from './passwords.js';

@Module({
  imports: [UsersModule, SessionsModule, FactorsModule],
  controllers: [AuthController, AccountController, ReauthController, EmailController],
  providers: [
    AuthService,
    RegistrationService,
    EmailService,
    EmailTokens,
    PasswordResetService,
    Takeover,
    MailLimits,
    MailPolicy,
    AccountService,
    PasswordProof,
    Passwords,
    LoginLimits,
    LoginPolicy,
  ],
  exports: [EmailService, MailLimits, PasswordResetService, Takeover],
})
export class AuthModule {}
