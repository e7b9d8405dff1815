import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';

/** The current key, and then the other keys that are accepted. */
export type Keys = readonly [current: KeyObject, ...accepted: KeyObject[]];

/** Derives keys from the secrets of the service by HKDF (RFC 5869). Each purpose has its own keys. */
@Injectable()
export class SecretKeys {
  private readonly keys = new Map<string, Keys>();

  constructor(private readonly config: Config) {}

  /** The keys of a purpose: the first signs and seals; the others are only accepted. */
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
