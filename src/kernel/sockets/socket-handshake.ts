import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { ServerOptions } from 'ws';
import { Config } from '../../config/config.js';
import { Authenticator } from '../access/authenticator.js';
import { answerBare, bareHeaders } from '../http/bare-answer.js';
import { Problem } from '../http/problem.js';
import { requestId } from '../http/request-id.js';
import { addressBucket } from '../throttle/client-address.js';
import type { SocketGatewayOptions } from './socket-gateway.js';
import { offeredProtocols, offeredToken } from './socket-messages.js';
import { SocketRegistry } from './socket-registry.js';

const MAX_FRAME_BYTES = 64 * 1024;
/** A client that does not answer a close is cut off after this time. */
const CLOSE_MS = 3_000;
const RETRY_SECONDS = 10;

/** Why a handshake is refused. */
interface Refusal {
  readonly status: 400 | 401 | 403 | 429 | 503;
  readonly detail: string;
}

/** Decides who may open a socket; who it is comes afterwards. */
@Injectable()
export class SocketHandshake {
  constructor(
    private readonly config: Config,
    private readonly authenticator: Authenticator,
    private readonly sockets: SocketRegistry,
  ) {}

  /** For the WebSocket server of a gateway. */
  optionsFor({ path, protocol }: SocketGatewayOptions): ServerOptions & { readonly closeTimeout: number } {
    return {
      noServer: true,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      closeTimeout: CLOSE_MS,
      verifyClient: async ({ req }, done) => {
        const address = this.addressOf(req);
        // Whoever brings a genuine token does not wait behind those without.
        const isSigned = !this.sockets.hasRoomForStranger(address) && (await this.isSigned(req));
        // Nothing is awaited between this and the moment the socket is added, so no burst passes a limit.
        const refusal = this.refusalOf(req, protocol) ?? this.shortageFor(address, isSigned);
        if (!refusal) return done(true);
        const { status, detail } = refusal;
        const id = requestId(req);
        const title = STATUS_CODES[status];
        const problem = { type: 'about:blank', title, status, detail, instance: path, request_id: id };
        done(false, status, JSON.stringify(problem), {
          ...bareHeaders(id),
          ...(status >= 429 ? { 'Retry-After': String(RETRY_SECONDS) } : {}),
        });
      },
      // Never the token: it would come back in the answer.
      handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
    };
  }

  /** Answers a handshake that does not follow RFC 6455; `ws` would answer in HTML. */
  refuseMalformed({ message }: Error, request: IncomingMessage, socket: Socket): void {
    const code = request.method === 'GET' ? 'malformed-request' : 'method-not-allowed';
    answerBare(socket, new Problem(code, { detail: `${message}.` }), {
      id: requestId(request),
      headers: { 'Sec-WebSocket-Version': '13' },
    });
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

  private refusalOf(request: IncomingMessage, protocol: string): Refusal | undefined {
    const { origin, 'sec-websocket-protocol': protocols } = request.headers;
    // Proxies log addresses.
    if (request.url?.includes('?'))
      return {
        status: 401,
        detail: 'A token goes into a subprotocol or the first message, never the address.',
      };
    if (origin !== undefined && !this.config.allowsOrigin(origin))
      return { status: 403, detail: 'Pages of this origin may not connect.' };
    if (protocols !== undefined && !offeredProtocols(protocols).includes(protocol))
      return { status: 400, detail: `The subprotocol is ${protocol}.` };
    return undefined;
  }

  /** Why there is no room for one more socket of this address. */
  private shortageFor(address: string, isSigned: boolean): Refusal | undefined {
    if (this.sockets.isFull) return { status: 503, detail: 'Too many connections. Poll, and try again.' };
    if (!this.sockets.hasRoomFor(address))
      return { status: 429, detail: 'Too many connections from this network. Poll, and try again.' };
    if (!isSigned && !this.sockets.hasRoomForStranger(address))
      return { status: 429, detail: 'Too many connections wait for their sign-in.' };
    return undefined;
  }

  private async isSigned({ headers }: IncomingMessage): Promise<boolean> {
    const token = offeredToken(headers['sec-websocket-protocol']);
    if (token === undefined) return false;
    return this.authenticator.readToken(token).then(
      () => true,
      () => false,
    );
  }
}
