import { Global, Module } from '@nestjs/common';
import { Resealing } from './resealing.js';
import { SecretBox } from './secret-box.js';
import { SecretKeys } from './secret-keys.js';

/** What follows from the secret the service was started with. */
@Global()
@Module({ providers: [SecretKeys, SecretBox, Resealing], exports: [SecretKeys, SecretBox, Resealing] })
export class SecretsModule {}
