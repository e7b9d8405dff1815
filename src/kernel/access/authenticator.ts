import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { Problem } from '../http/problem.js';
import type { Credentials, Identity } from './credentials.js';

/**
 * Authenticates a request, or a token alone, by the passport strategies of this application.
 *
 * It creates its own Passport instance, because the instance that `passport` exports belongs to the whole process: with two
 * applications in one process, the strategies of the application that started last would be used for both.
 */
@Injectable()
export class Authenticator {
  private readonly passport = new passport.Passport();
  private readonly names: string[] = [];

  /** Adds a strategy. A strategy must ignore credentials of another kind, so that the other strategies can check them. */
  register(name: string, strategy: passport.Strategy): void {
    this.passport.use(name, strategy);
    this.names.push(name);
  }

  /** Authenticates a request. @throws Problem `unauthenticated`, `token-expired`, `session-revoked`, `invalid-signature` */
  authenticate(request: FastifyRequest): Promise<Identity> {
    return this.check({ headers: request.headers, request });
  }

  /**
   * Tells whose credentials a request carries, before its body is read. It does not check the signature of the request.
   * @throws Problem `unauthenticated`, `token-expired`, `session-revoked`
   */
  recognise(request: FastifyRequest): Promise<Identity> {
    return this.check({ headers: request.headers, request, depth: 'unsigned' });
  }

  /**
   * Authenticates an access token that came without a request, for example on a socket. API keys are accepted only with
   * requests. A socket lives longer than a request, so this asks the database whether the session is open.
   * @throws Problem `unauthenticated`, `token-expired`, `session-revoked`
   */
  authenticateToken(token: string): Promise<Identity> {
    return this.check({ headers: { authorization: `Bearer ${token}` }, depth: 'open-now' });
  }

  /** Like {@link authenticateToken}, but does not check the session. @throws Problem `unauthenticated`, `token-expired` */
  readToken(token: string): Promise<Identity> {
    return this.check({ headers: { authorization: `Bearer ${token}` }, depth: 'genuine' });
  }

  private check(credentials: Credentials): Promise<Identity> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, identity?: Identity | false | null, challenges?: unknown): void => {
        if (error) reject(error as Error);
        else if (identity) resolve(identity);
        else reject(refusalOf(challenges));
      };
      this.passport.authenticate(this.names, { session: false }, settle)(credentials, undefined, reject);
    });
  }
}

/** The refusal of the strategy that knows this kind of credential. The other strategies ignored it. */
function refusalOf(challenges: unknown): Problem {
  const refusal = Array.isArray(challenges) ? challenges.find((one) => one instanceof Problem) : undefined;
  return refusal ?? new Problem('unauthenticated');
}
