import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { FactorsModule } from '../factors/factors.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './account.controller.js';
import { AuthController } from './auth.controller.js';
import { AccountService } from './account.service.js';
import { EmailChangeService } from './email-change.service.js';
import { EmailController } from './email.controller.js';
import { EmailService } from './email.service.js';
import { EmailToken } from './email-token.entity.js';
import { EmailTokens } from './email-tokens.js';
import { PasswordResetService } from './password-reset.service.js';
import { Takeover } from './takeover.js';
import { MailLimits, MailPolicy } from './mail-limits.js';
import { RegistrationService } from './registration.service.js';
import { LinkProof } from './link-proof.js';
import { PasswordNotices } from './password-notices.js';
import { PasswordProof } from './password-proof.js';
import { AuthService } from './auth.service.js';
import { LoginLimits, LoginPolicy } from './login-limits.js';
import { ReauthService } from './reauth.service.js';
import { ReauthController } from './reauth.controller.js';
import { Passwords } from './passwords.js';

@Module({
  imports: [UsersModule, SessionsModule, FactorsModule, TypeOrmModule.forFeature([EmailToken])],
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
    ReauthService,
    EmailChangeService,
    PasswordNotices,
    PasswordProof,
    LinkProof,
    Passwords,
    LoginLimits,
    LoginPolicy,
  ],
  exports: [EmailService, MailLimits, PasswordResetService, Takeover],
})
export class AuthModule {}
