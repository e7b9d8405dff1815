import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';

/** One and others. */
export type Keys = readonly [current: KeyObject, ...accepted: KeyObject[]];

/** Keys of the secrets the service was started with (RFC 5869), one a purpose: what is made with one is nothing to another. */
@Injectable()
export class SecretKeys {
  private readonly keys = new Map<string, Keys>();

  constructor(private readonly config: Config) {}

  /** The key that things are made with, and after it those that were made with are believed as well. */
  for(purpose: string): Keys {
    const [current, ...accepted] = this.config.secrets;
    const known = this.keys.get(purpose);
    const keys = known ?? [keyOf(current, purpose), ...accepted.map((secret) => keyOf(secret, purpose))];
    if (!known) this.keys.set(purpose, keys);
    return keys;
  }
}

const keyOf = (secret: string, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `hale ${purpose}`, 32)));
