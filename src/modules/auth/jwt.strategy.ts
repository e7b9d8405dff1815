import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { isUUID } from 'class-validator';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../../config/config.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { SessionGate } from './session-gate.js';
import { ACCESS_TOKEN_TYPE, type AccessClaims, AUDIENCE, Tokens } from './tokens.js';

/** Clocks of two nodes may differ by this much. */
const LEEWAY_SECONDS = 60;

/** Reads the access token of a request: one algorithm, our issuer and audience, and a session that is still open. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    tokens: Tokens,
    config: Config,
    private readonly gate: SessionGate,
    private readonly clock: Clock,
  ) {
    // jsonwebtoken takes a KeyObject; the types of passport-jwt do not know it.
    const verificationKey = tokens.verificationKey as unknown as Buffer;
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: ['HS256'],
      issuer: config.env.PUBLIC_URL,
      audience: AUDIENCE,
      secretOrKeyProvider: (
        _request: unknown,
        token: string,
        done: (error: Error | null, key?: Buffer) => void,
      ) => (isAccessToken(token) ? done(null, verificationKey) : done(new Problem('unauthenticated'))),
    });
  }

  /** @throws Problem `unauthenticated` or `session-revoked` */
  async validate(claims: AccessClaims & { exp?: unknown; iat?: unknown }): Promise<Actor> {
    const now = this.clock.now() / 1_000;
    const isDated =
      typeof claims.exp === 'number' && typeof claims.iat === 'number' && claims.iat <= now + LEEWAY_SECONDS;
    if (!isDated || !isUUID(claims.sub) || !isUUID(claims.sid) || !Number.isSafeInteger(claims.rtc))
      throw new Problem('unauthenticated');
    if (!(await this.gate.isOpen(claims.sid, claims.rtc))) throw new Problem('session-revoked');
    return {
      userId: claims.sub,
      sessionId: claims.sid,
      ...(claims.did === undefined ? {} : { deviceId: claims.did }),
    };
  }
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
