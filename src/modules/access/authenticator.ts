import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../kernel/http/problem.js';
import { type Entry, KEY_PREFIX, KeyGate } from '../api-keys/public.js';
import { AccessTokens, SessionGate } from '../sessions/public.js';

/** Who makes a request: a person with an access token, or something that holds an API key of theirs. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly gate: SessionGate,
    private readonly keys: KeyGate,
  ) {}

  /** @throws Problem `unauthenticated`, `token-expired`, `session-revoked`, `invalid-signature` */
  async identify(request: FastifyRequest): Promise<Entry> {
    // RFC 6750, 2.1: nowhere but in this header.
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw new Problem('unauthenticated');
    if (token.startsWith(KEY_PREFIX)) return this.keys.identify(token, request);
    const { actor, counter } = this.tokens.read(token);
    if (!(await this.gate.isOpen(actor.sessionId, counter))) throw new Problem('session-revoked');
    return { actor };
  }
}
