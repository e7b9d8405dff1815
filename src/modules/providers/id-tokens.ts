import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { PEER_TIMEOUT_MS, peerUnavailable } from './peers.js';

/** Asymmetric ones only: with a MAC, whoever knows a client's secret could make tokens. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** A key that is not known is looked for at most this often: made-up ids cannot keep asking the provider. */
const REFETCH_MS = 60_000;
/** As long as the ones of Google live. */
const MAX_AGE_SECONDS = 3_600;
/** Clocks of two parties may differ by this much. */
const LEEWAY_SECONDS = 60;

/** Whose id_tokens are taken, and for whom they must be. */
export interface Expected {
  /** The names under which the one issuer signs. */
  readonly issuers: readonly string[];
  readonly jwksUrl: string;
  /** Our clients. */
  readonly audiences: readonly string[];
  /** What the sign-in was begun with; undefined for none, and then the token must have none. */
  readonly nonce: string | undefined;
}

export type IdTokenClaims = JWTPayload & { readonly sub: string; readonly exp: number };

/** Reads id_tokens (OpenID Connect Core, 3.1.3.7). */
@Injectable()
export class IdTokens {
  private readonly keys = new Map<string, JWTVerifyGetKey>();

  constructor(private readonly clock: Clock) {}

  /** @throws Problem `invalid-id-token`, `provider-unavailable` while its keys cannot be had */
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
      // Access tokens of some providers are JWTs by the same keys, and say so (RFC 9068).
      const isIdToken = protectedHeader.typ === undefined || protectedHeader.typ === 'JWT';
      if (!isForUs || !isIdToken || payload['nonce'] !== nonce || !isSubject(payload.sub))
        throw new Problem('invalid-id-token');
      return payload as IdTokenClaims;
    } catch (error) {
      throw error instanceof errors.JOSEError ? new Problem('invalid-id-token') : error;
    }
  }

  /** The keys at one of the addresses we know, never at one a token names. */
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

/** What is the token's fault, and not that of who should have given the keys. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

const isSubject = (subject: unknown): boolean => typeof subject === 'string' && /^\S{1,255}$/.test(subject);
