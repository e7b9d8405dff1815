import { Module } from '@nestjs/common';
import { Apple } from './apple.js';
import { Discovery } from './discovery.js';
import { Facebook } from './facebook.js';
import { GitHub } from './github.js';
import { Google } from './google.js';
import { IdTokens } from './id-tokens.js';
import { Providers } from './providers.js';

/** Somewhere people have an account already: who they are there, and nothing of who they are here. */
@Module({
  providers: [Google, Apple, Facebook, GitHub, Providers, Discovery, IdTokens],
  exports: [Providers],
})
export class ProvidersModule {}
