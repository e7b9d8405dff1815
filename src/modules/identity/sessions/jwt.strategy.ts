import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { Config } from '../../../config/config.js';
import { Authenticator } from '../../../kernel/access/authenticator.js';
import { bearerToken, type Credentials, type Identity } from '../../../kernel/access/credentials.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { type Grant, readClaims, requireTimely, signingKey } from './access-claims.js';
import { SessionGate } from './session-gate.js';
import { AUDIENCE, Tokens } from './tokens.js';
import { VerifiedTokens } from './verified-tokens.js';

const NAME = 'jwt';
/** passport-jwt is typed for Express; it only passes the request to the functions below. */
type ExpressRequest = Parameters<Strategy['authenticate']>[0];

/**
 * Verifies access tokens of requests and sockets: one algorithm, our issuer and audience, and an open session.
 *
 * passport-jwt verifies the signature once per token. The dates and the session can change, so they are checked
 * every time, the dates against our clock.
 */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, NAME) {
  constructor(
    authenticator: Authenticator,
    tokens: Tokens,
    config: Config,
    private readonly verified: VerifiedTokens,
    private readonly gate: SessionGate,
    private readonly clock: Clock,
  ) {
    super({
      jwtFromRequest: accessToken,
      secretOrKeyProvider: (_credentials, token: string, done) => {
        const key = signingKey(token, tokens.accessKeys);
        // jsonwebtoken accepts a KeyObject; the types of passport-jwt do not declare it.
        if (key) done(null, key as unknown as Buffer);
        else done(new Problem('unauthenticated'));
      },
      algorithms: ['HS256'],
      issuer: config.env.PUBLIC_URL,
      audience: AUDIENCE,
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
      passReqToCallback: true,
    });
    authenticator.register(NAME, this);
  }

  override authenticate(credentials: Credentials, options?: object): void {
    const token = accessToken(credentials);
    const grant = token === null ? undefined : this.verified.find(token);
    if (!grant) return void super.authenticate(credentials as ExpressRequest, options);
    try {
      const identity = this.admit(credentials, grant);
      if (!(identity instanceof Promise)) return this.success(identity);
      identity.then(
        (admitted) => this.success(admitted),
        (error: unknown) => this.error(error as Error),
      );
    } catch (error) {
      this.error(error as Error);
    }
  }

  /** Called by passport-jwt with the claims of a token whose signature, issuer and audience are valid. */
  async validate(credentials: Credentials, claims: unknown): Promise<Identity> {
    const grant = readClaims(claims);
    const identity = await this.admit(credentials, grant);
    this.verified.remember(accessToken(credentials) ?? '', grant);
    return identity;
  }

  /** The constructor of @nestjs/passport registers the strategy here: at the application's own passport. */
  getPassportInstance(): passport.Authenticator {
    return new passport.Passport();
  }

  /**
   * Returns no promise where nothing has to be waited for.
   * @throws Problem `unauthenticated`, `token-expired`, `session-revoked`; the last may also come as a rejection
   */
  private admit({ depth }: Credentials, grant: Grant): Identity | Promise<Identity> {
    requireTimely(grant, this.clock.now());
    if (depth === 'genuine') return grant;
    const isOpen = this.isOpen(grant, depth === 'open-now');
    return isOpen instanceof Promise ? isOpen.then((open) => openOnly(grant, open)) : openOnly(grant, isOpen);
  }

  private isOpen({ actor, counter }: Grant, now: boolean): boolean | Promise<boolean> {
    return now ? this.gate.isOpenNow(actor.sessionId, counter) : this.gate.isOpen(actor.sessionId, counter);
  }
}

/** A JWT contains dots and an API key does not, so each strategy can skip the other's credentials. */
function accessToken(credentials: Credentials): string | null {
  const token = bearerToken(credentials);
  return token?.includes('.') ? token : null;
}

function openOnly(grant: Grant, isOpen: boolean): Grant {
  if (!isOpen) throw new Problem('session-revoked');
  return grant;
}
