import { timingSafeEqual } from 'node:crypto';
import { digest, randomToken } from '../../../platform/random-token.js';

/** Beginning of every API key. It distinguishes keys from access tokens and lets scanners find leaked keys. */
export const KEY_PREFIX = 'hale_';

const ID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
const KEY = new RegExp(`^${KEY_PREFIX}([0-9a-f]{32})_([\\w-]{43})$`);

/** An unverified key: its id and its secret. */
export interface ClaimedKey {
  readonly id: string;
  readonly secret: string;
}

/** The beginning of a key, which is shown so that its owner can recognise it. */
export const prefixOf = (id: string): string => `${KEY_PREFIX}${id.replaceAll('-', '')}`;

export const writeKey = (id: string, secret: string): string => `${prefixOf(id)}_${secret}`;

export function readKey(text: string): ClaimedKey | undefined {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined
    ? undefined
    : { id: id.replace(ID, '$1-$2-$3-$4-$5'), secret };
}

/** Hash of an unknown secret: comparing with it takes as long as with a real one. */
const NOBODY = digest(randomToken());

export const isSecret = (secret: string, secretHash: string = NOBODY): boolean =>
  timingSafeEqual(Buffer.from(digest(secret)), Buffer.from(secretHash));
