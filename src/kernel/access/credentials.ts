import type { FastifyRequest } from 'fastify';
import type { Actor } from '../http/actor.js';

/**
 * How far a credential is checked. `genuine`: it is genuine and has not expired. `open`: also its session is open,
 * according to a cache of this instance that is a few seconds old. `open-now`: the same, according to the database.
 * `unsigned`: as `open`, but without the signature of the request, which covers a body that has not been read.
 */
export type Depth = 'genuine' | 'open' | 'open-now' | 'unsigned';

/** The input of the passport strategies. A socket has a token but no HTTP request. */
export interface Credentials {
  readonly headers: { readonly authorization?: string | undefined };
  /** `open` by default. */
  readonly depth?: Depth;
  readonly request?: FastifyRequest;
}

/** The result of a credential that was accepted. */
export interface Identity {
  readonly actor: Actor;
  /** When the credential expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /**
   * The part of the check that writes to the database. It runs after the request was counted.
   * @throws Problem `invalid-signature`, `unauthenticated`
   */
  readonly admit?: () => Promise<void>;
}

/** Reads the token of the `Authorization` header (RFC 6750, section 2.1). A token in any other place is ignored. */
export function bearerToken({ headers }: Pick<Credentials, 'headers'>): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return token;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authenticate guard when the credentials were accepted. */
    identity?: Identity;
    /** Set by the authenticate guard when they were refused. The authorize guard throws it after the request was counted. */
    refusal?: { readonly reason: unknown };
  }
}
