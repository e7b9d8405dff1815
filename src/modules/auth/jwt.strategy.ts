import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../../config/config.js';
import type { Actor } from '../../kernel/http/actor.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { grantOf, isAccessToken } from './access-tokens.js';
import { SessionGate } from './session-gate.js';
import { type AccessClaims, AUDIENCE, Tokens } from './tokens.js';

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
  async validate(claims: AccessClaims): Promise<Actor> {
    const { actor, counter } = grantOf(claims, this.clock.now());
    if (!(await this.gate.isOpen(actor.sessionId, counter))) throw new Problem('session-revoked');
    return actor;
  }
}
