import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../users/users.module.js';
import { JwtStrategy } from './jwt.strategy.js';
import { RefreshController } from './refresh.controller.js';
import { RefreshService } from './refresh.service.js';
import { SessionAccountRules } from './session-account-rules.js';
import { SessionAlarm } from './session-alarm.js';
import { SessionGate } from './session-gate.js';
import { SessionRotation } from './session-rotation.js';
import { Session } from './session.entity.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { Tokens } from './tokens.js';
import { VerifiedTokens } from './verified-tokens.js';

@Module({
  imports: [UsersModule, JwtModule, TypeOrmModule.forFeature([Session])],
  controllers: [RefreshController, SessionsController],
  providers: [
    RefreshService,
    SessionsService,
    SessionsRepository,
    SessionRotation,
    SessionAlarm,
    SessionGate,
    SessionAccountRules,
    Tokens,
    VerifiedTokens,
    JwtStrategy,
  ],
  exports: [SessionsService, SessionGate, SessionAccountRules, Tokens],
})
export class SessionsModule {}
