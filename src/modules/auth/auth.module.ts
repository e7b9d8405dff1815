import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { UsersModule } from '../users/public.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { AccountController } from './account.controller.js';
import { AuthController } from './auth.controller.js';
import { AccountService } from './account.service.js';
import { EmailController } from './email.controller.js';
import { EmailService } from './email.service.js';
import { EmailTokens } from './email-tokens.js';
import { MailLimits, MailPolicy } from './mail-limits.js';
import { RegistrationService } from './registration.service.js';
import { PasswordProof } from './password-proof.js';
import { SessionRotation } from './session-rotation.js';
import { AuthService } from './auth.service.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LoginLimits, LoginPolicy } from './login-limits.js';
import { ReauthController } from './reauth.controller.js';
import { Passwords } from './passwords.js';
import { SessionGate } from './session-gate.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { Tokens } from './tokens.js';

@Module({
  imports: [UsersModule, PassportModule, JwtModule],
  controllers: [AuthController, SessionsController, AccountController, ReauthController, EmailController],
  providers: [
    AuthService,
    RegistrationService,
    EmailService,
    EmailTokens,
    MailLimits,
    MailPolicy,
    AccountService,
    PasswordProof,
    SessionRotation,
    SessionsService,
    SessionsRepository,
    SessionGate,
    Passwords,
    Tokens,
    LoginLimits,
    LoginPolicy,
    JwtStrategy,
    AccessGuard,
    AccessTokens,
  ],
  exports: [AccessGuard, AccessTokens, SessionGate],
})
export class AuthModule {}
