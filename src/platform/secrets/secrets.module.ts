import { Global, Module } from '@nestjs/common';
import { Resealing } from './resealing.js';
import { SecretBox } from './secret-box.js';
import { SecretKeys } from './secret-keys.js';

/** Encryption and keys that are derived from the secrets of the service. */
@Global()
@Module({ providers: [SecretKeys, SecretBox, Resealing], exports: [SecretKeys, SecretBox, Resealing] })
export class SecretsModule {}
