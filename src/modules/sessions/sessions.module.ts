import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { UsersModule } from '../users/public.js';
import { AccessTokens } from './access-tokens.js';
import { RefreshController } from './refresh.controller.js';
import { RefreshService } from './refresh.service.js';
import { SessionAlarm } from './session-alarm.js';
import { SessionGate } from './session-gate.js';
import { SessionRotation } from './session-rotation.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { Tokens } from './tokens.js';

@Module({
  imports: [UsersModule, JwtModule],
  controllers: [RefreshController, SessionsController],
  providers: [
    RefreshService,
    SessionsService,
    SessionsRepository,
    SessionRotation,
    SessionAlarm,
    SessionGate,
    Tokens,
    AccessTokens,
  ],
  exports: [SessionsService, SessionGate, Tokens, AccessTokens],
})
export class SessionsModule {}
