import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { isUUID } from 'class-validator';
import type { Identity } from '../../../kernel/access/credentials.js';
import { Problem } from '../../../kernel/http/problem.js';
import type { Keys } from '../../../platform/secrets/secret-keys.js';
import { ACCESS_TOKEN_TYPE, type AccessClaims } from './tokens.js';

/** Largest clock difference between two nodes that is tolerated. */
const LEEWAY_SECONDS = 60;

/** Claims of a verified access token. */
export interface Grant extends Identity {
  /** Counter of the refresh token that was issued with it. */
  readonly counter: number;
  /** Seconds since 1970, as in the token. */
  readonly issuedAt: number;
  readonly notBefore: number;
}

/**
 * The key to verify a token with: the accepted secret that signed it, or else the current one, with which verification
 * fails. A key that the token itself names (`kid`, `jwk`, `jku`, `x5u`) is never used.
 * @returns undefined for a JWT that is not marked as our access token
 */
export function signingKey(token: string, keys: Keys): KeyObject | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  if (!isAccessTokenHeader(header)) return undefined;
  if (keys.length === 1) return keys[0];
  const given = Buffer.from(signature, 'base64url');
  const hasSigned = (key: KeyObject): boolean => {
    const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest();
    return expected.length === given.length && timingSafeEqual(expected, given);
  };
  return keys.find(hasSigned) ?? keys[0];
}

/** RFC 9068 §4 and RFC 7515 §4.1.11: the type must be ours, and an unknown critical extension must be refused. */
function isAccessTokenHeader(text: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return (
      typeof header === 'object' &&
      header !== null &&
      'typ' in header &&
      header.typ === ACCESS_TOKEN_TYPE &&
      !('crit' in header)
    );
  } catch {
    return false;
  }
}

/** @throws Problem `unauthenticated` when claims of a verified token are missing or have the wrong type. */
export function readClaims(verified: unknown): Grant {
  // A signed payload may also be an array or a string; neither has the claims.
  const claims = verified as AccessClaims & Record<'exp' | 'iat' | 'nbf', unknown>;
  const { exp, iat, nbf = 0, auth_time: authTime } = claims;
  const isDated = [exp, iat, nbf, authTime].every((date) => typeof date === 'number');
  if (!isDated || !isUUID(claims.sub) || !isUUID(claims.sid) || !Number.isSafeInteger(claims.rtc))
    throw new Problem('unauthenticated');
  return {
    actor: {
      userId: claims.sub,
      sessionId: claims.sid,
      authTime: authTime * 1_000,
      aal: claims.aal === 2 ? 2 : 1,
      ...(claims.did === undefined ? {} : { deviceId: claims.did }),
    },
    counter: claims.rtc,
    expiresAt: Number(exp) * 1_000,
    issuedAt: Number(iat),
    notBefore: Number(nbf),
  };
}

/** @throws Problem `unauthenticated` for a token from the future, `token-expired` */
export function requireTimely({ issuedAt, notBefore, expiresAt }: Grant, now: number): void {
  const seconds = Math.floor(now / 1_000);
  if (issuedAt > seconds + LEEWAY_SECONDS || notBefore > seconds) throw new Problem('unauthenticated');
  if (seconds * 1_000 >= expiresAt) throw new Problem('token-expired');
}
