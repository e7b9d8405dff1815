import { Module } from '@nestjs/common';
import { AccessModule } from '../../kernel/access/access.module.js';
import { AccountPagesModule } from './account-pages/account-pages.module.js';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { AuthModule } from './auth/auth.module.js';
import { FactorsModule } from './factors/factors.module.js';
import { GrantsModule } from './grants/grants.module.js';
import { ReceivedGrants } from './grants/received-grants.js';
import { IdentitiesModule } from './identities/identities.module.js';
import { PasskeysModule } from './passkeys/passkeys.module.js';
import { ProvidersModule } from './providers/providers.module.js';
import { SessionAccountRules } from './sessions/session-account-rules.js';
import { SessionGate } from './sessions/session-gate.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { PseudonymsModule } from './users/pseudonyms.module.js';
import { UsersModule } from './users/users.module.js';

/** Accounts: how people sign in, and to whom they grant access. */
@Module({
  imports: [
    AuthModule,
    SessionsModule,
    UsersModule,
    PseudonymsModule,
    FactorsModule,
    PasskeysModule,
    ProvidersModule,
    IdentitiesModule,
    ApiKeysModule,
    GrantsModule,
    AccessModule.with({
      imports: [SessionsModule, GrantsModule],
      accounts: SessionAccountRules,
      grants: ReceivedGrants,
      sessions: SessionGate,
    }),
    AccountPagesModule,
  ],
  exports: [AccessModule],
})
export class IdentityModule {}
