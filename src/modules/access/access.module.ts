import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/public.js';
import { GrantsModule } from '../grants/public.js';
import { SessionsModule } from '../sessions/public.js';
import { UsersModule } from '../users/public.js';
import { AccessGuard } from './access.guard.js';
import { AccountRules } from './account-rules.js';
import { Authenticator } from './authenticator.js';
import { OwnerParameter } from './owner-parameter.js';

@Module({
  imports: [UsersModule, SessionsModule, ApiKeysModule, GrantsModule],
  providers: [Authenticator, OwnerParameter, AccountRules, AccessGuard],
  exports: [AccessGuard],
})
export class AccessModule {}
