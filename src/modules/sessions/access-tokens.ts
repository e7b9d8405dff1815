import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { isUUID } from 'class-validator';
import { Config } from '../../config/config.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { ACCESS_TOKEN_TYPE, type AccessClaims, AUDIENCE, Tokens } from './tokens.js';

/** Clocks of two nodes may differ by this much. */
const LEEWAY_SECONDS = 60;

/** What a genuine access token says; whether its session is still open is another question: see `SessionGate`. */
export interface Grant {
  readonly actor: Actor;
  /** The counter of the refresh token it was issued with. */
  readonly counter: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Reads access tokens, of requests and of sockets: one algorithm, our issuer and audience. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly tokens: Tokens,
    private readonly jwt: JwtService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `unauthenticated`, `token-expired` */
  read(token: string): Grant {
    if (!isAccessToken(token)) throw new Problem('unauthenticated');
    return grantOf(this.verify(token), this.clock.now());
  }

  private verify(token: string): AccessClaims {
    for (const key of this.tokens.accessKeys)
      try {
        return this.jwt.verify<AccessClaims>(token, {
          // jsonwebtoken takes a KeyObject; the types of @nestjs/jwt do not know it.
          secret: key as unknown as Buffer,
          algorithms: ['HS256'],
          issuer: this.config.env.PUBLIC_URL,
          audience: AUDIENCE,
          clockTimestamp: Math.floor(this.clock.now() / 1_000),
        });
      } catch (error) {
        // Said of a genuine token only: the signature comes first.
        if (error instanceof Error && error.name === 'TokenExpiredError') throw new Problem('token-expired');
      }
    throw new Problem('unauthenticated');
  }
}

/** @throws Problem `unauthenticated` when claims of a verified token are missing, or not of their kind. */
function grantOf(claims: AccessClaims & { exp?: unknown; iat?: unknown }, now: number): Grant {
  const isDated =
    typeof claims.exp === 'number' &&
    typeof claims.iat === 'number' &&
    typeof claims.auth_time === 'number' &&
    claims.iat <= now / 1_000 + LEEWAY_SECONDS;
  if (!isDated || !isUUID(claims.sub) || !isUUID(claims.sid) || !Number.isSafeInteger(claims.rtc))
    throw new Problem('unauthenticated');
  return {
    actor: {
      userId: claims.sub,
      sessionId: claims.sid,
      authTime: claims.auth_time * 1_000,
      aal: claims.aal === 2 ? 2 : 1,
      ...(claims.did === undefined ? {} : { deviceId: claims.did }),
    },
    counter: claims.rtc,
    expiresAt: Number(claims.exp) * 1_000,
  };
}

/** RFC 9068 §4 and RFC 7515 §4.1.11: the type must be ours, and an extension we do not know must be refused. */
function isAccessToken(token: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString());
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
