import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { PEER_TIMEOUT_MS, peerUnavailable } from './peers.js';

/** Only asymmetric algorithms: with a MAC, everybody who knows a client secret could issue tokens. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Shortest interval between key look-ups, so that made-up key ids cannot cause requests to the provider. */
const REFETCH_MS = 60_000;
/** The lifetime of Google's id_tokens. */
const MAX_AGE_SECONDS = 3_600;
/** Largest clock difference between two parties that is tolerated. */
const LEEWAY_SECONDS = 60;

/** Accepted issuers and audiences. */
export interface Expected {
  /** All names of the one issuer. */
  readonly issuers: readonly string[];
  readonly jwksUrl: string;
  /** Our client ids. */
  readonly audiences: readonly string[];
  /** The nonce that the sign-in began with; if undefined, the token must have none. */
  readonly nonce: string | undefined;
}

export type IdTokenClaims = JWTPayload & { readonly sub: string; readonly exp: number };

/** Reads id_tokens (OpenID Connect Core, 3.1.3.7). */
@Injectable()
export class IdTokens {
  private readonly keys = new Map<string, JWTVerifyGetKey>();

  constructor(private readonly clock: Clock) {}

  /** @throws Problem `invalid-id-token`, `provider-unavailable` while its keys cannot be loaded */
  async verify(token: string, { issuers, jwksUrl, audiences, nonce }: Expected): Promise<IdTokenClaims> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.keysAt(jwksUrl), {
        issuer: [...issuers],
        audience: [...audiences],
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp', 'iat'],
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: this.clock.date(),
      });
      const isForUs = [payload.aud ?? []].flat().every((audience) => audiences.includes(audience));
      // Some providers sign access tokens with the same keys and mark them by type (RFC 9068).
      const isIdToken = protectedHeader.typ === undefined || protectedHeader.typ === 'JWT';
      if (!isForUs || !isIdToken || payload['nonce'] !== nonce || !isSubject(payload.sub))
        throw new Problem('invalid-id-token');
      return payload as IdTokenClaims;
    } catch (error) {
      throw error instanceof errors.JOSEError ? new Problem('invalid-id-token') : error;
    }
  }

  /** The keys at a known URL, never at one that a token names. */
  private keysAt(url: string): JWTVerifyGetKey {
    const known = this.keys.get(url) ?? remoteKeys(url);
    this.keys.set(url, known);
    return known;
  }
}

function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: PEER_TIMEOUT_MS,
    cooldownDuration: REFETCH_MS,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      throw isAboutToken(error) ? error : peerUnavailable(error);
    }
  };
}

/** Whether the token is invalid, in contrast to keys that could not be loaded. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

const isSubject = (subject: unknown): boolean => typeof subject === 'string' && /^\S{1,255}$/.test(subject);
