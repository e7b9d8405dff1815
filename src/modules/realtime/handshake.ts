import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ServerOptions } from 'ws';
import { Config } from '../../config/config.js';
import { addressBucket } from '../../kernel/limits/client-address.js';
import { AccessTokens } from '../sessions/public.js';
import { offeredProtocols, offeredToken, PATH, PROTOCOL } from './realtime.wire.js';
import { Sockets } from './sockets.js';

/** A client has nothing long to say. */
const MAX_FRAME_BYTES = 64 * 1024;
/** One that does not answer a close is cut off. */
const CLOSE_MS = 3_000;
const RETRY_SECONDS = 10;

/** Why a handshake is refused, in the words of RFC 9457 for what HTTP itself has a name for. */
interface Refusal {
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly detail: string;
}

/** Who may open a connection at all; who it is comes afterwards. */
@Injectable()
export class Handshake {
  private readonly origins: ReadonlySet<string>;

  constructor(
    private readonly config: Config,
    private readonly tokens: AccessTokens,
    private readonly sockets: Sockets,
  ) {
    const { CORS_ORIGINS, PUBLIC_URL } = config.env;
    this.origins = new Set([...CORS_ORIGINS, PUBLIC_URL]);
  }

  /** For the WebSocket server. */
  get options(): Partial<ServerOptions> & { readonly closeTimeout: number } {
    return {
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      closeTimeout: CLOSE_MS,
      verifyClient: ({ req }, done) => {
        const refusal = this.refusalOf(req);
        if (!refusal) return done(true);
        const { status, detail } = refusal;
        const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail, instance: PATH };
        done(false, status, JSON.stringify(problem), {
          'Content-Type': 'application/problem+json; charset=utf-8',
          'Cache-Control': 'no-store',
          ...(status >= 429 ? { 'Retry-After': String(RETRY_SECONDS) } : {}),
        });
      },
      // Never the token: it would come back in the answer.
      handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
    };
  }

  /** The bucket of the client's address, behind as many proxies as are believed. */
  addressOf({ socket, headers }: IncomingMessage): string {
    const forwarded = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((address) => address.trim())
      .filter((address) => address !== '');
    const hops = [socket.remoteAddress, ...forwarded.toReversed()];
    return addressBucket(hops[Math.min(this.config.env.TRUST_PROXY, hops.length - 1)]);
  }

  private refusalOf(request: IncomingMessage): Refusal | undefined {
    const { origin, 'sec-websocket-protocol': protocols } = request.headers;
    // Addresses are written to the logs of every proxy on the way.
    if (request.url?.includes('?'))
      return {
        status: 401,
        detail: 'A token goes into a subprotocol or the first message, never the address.',
      };
    if (origin !== undefined && !this.origins.has(origin))
      return { status: 403, detail: 'Pages of this origin may not connect.' };
    if (protocols !== undefined && !offeredProtocols(protocols).includes(PROTOCOL))
      return { status: 400, detail: `The subprotocol is ${PROTOCOL}.` };
    if (this.sockets.isFull) return { status: 503, detail: 'Too many connections. Poll, and try again.' };
    if (!this.sockets.hasRoomFor(this.addressOf(request)) && !this.isSigned(offeredToken(protocols)))
      return { status: 429, detail: 'Too many connections wait for their sign-in.' };
    return undefined;
  }

  /** Whoever brings a token of ours does not wait behind those without. */
  private isSigned(token: string | undefined): boolean {
    try {
      return token !== undefined && this.tokens.read(token) !== undefined;
    } catch {
      return false;
    }
  }
}
