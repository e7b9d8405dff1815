import { Module } from '@nestjs/common';
import { Apple } from './apple.js';
import { Discovery } from './discovery.js';
import { Facebook } from './facebook.js';
import { GitHub } from './github.js';
import { Google } from './google.js';
import { IdTokens } from './id-tokens.js';
import { Providers } from './providers.js';

/** Identities at providers; this module knows nothing of the accounts here. */
@Module({
  providers: [Google, Apple, Facebook, GitHub, Providers, Discovery, IdTokens],
  exports: [Providers],
})
export class ProvidersModule {}
