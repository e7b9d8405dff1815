import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AccessDeclarations } from './access-declarations.js';
import { AccessRules } from './access-rules.js';
import { AccountRules } from './account-rules.js';
import { AuthenticateGuard } from './authenticate.guard.js';
import { AuthorizeGuard } from './authorize.guard.js';
import { OpenSessions } from './open-sessions.js';
import { OwnerParameter } from './owner-parameter.js';
import { ReadingGrants } from './reading-grants.js';

interface AccessOptions {
  /** Modules that export `accounts`, `grants` and `sessions`. */
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly accounts: Type<AccountRules>;
  readonly grants: Type<ReadingGrants>;
  readonly sessions: Type<OpenSessions>;
}

/** The guards that check who may use a route. The identity area supplies the rules about accounts and grants. */
@Module({})
export class AccessModule {
  static with({ imports, accounts, grants, sessions }: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        AuthenticateGuard,
        AuthorizeGuard,
        OwnerParameter,
        AccessRules,
        AccessDeclarations,
        { provide: AccountRules, useExisting: accounts },
        { provide: ReadingGrants, useExisting: grants },
        { provide: OpenSessions, useExisting: sessions },
      ],
      exports: [AccessRules, AuthenticateGuard, AuthorizeGuard, AccountRules, OpenSessions],
    };
  }
}
