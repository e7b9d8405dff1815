import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { OnGatewayDisconnect } from '@nestjs/websockets';
import { type WebSocket, WebSocketServer } from 'ws';
import { describeError, type Logger } from '../../platform/logger.js';
import { SocketConnection } from './socket-connection.js';
import type { OnSignIn, SocketGatewayOptions } from './socket-gateway.js';
import type { SocketHandshake } from './socket-handshake.js';
import { AUTH, closeCodes, offeredToken, readMessage } from './socket-messages.js';
import type { SocketPolicy } from './socket-policy.js';
import type { SocketRegistry } from './socket-registry.js';
import type { SocketSignIn } from './socket-sign-in.js';

/** How long clients have to answer a close when the service ends. */
const FAREWELL_MS = 1_000;

export type Gateway = Partial<OnSignIn & OnGatewayDisconnect<SocketConnection>>;

export interface SocketServices {
  readonly handshake: SocketHandshake;
  readonly signIn: SocketSignIn;
  readonly registry: SocketRegistry;
  readonly policy: SocketPolicy;
  readonly logger: Logger;
}

/** The server of one gateway. It opens the sockets, signs their clients in, and passes their messages to the handlers. */
export class SocketServer {
  private readonly server: WebSocketServer;
  private readonly signedIn = new Set<SocketConnection>();
  private connect: (socket: SocketConnection) => void = () => undefined;

  constructor(
    options: SocketGatewayOptions,
    private readonly gateway: Gateway,
    private readonly services: SocketServices,
  ) {
    this.server = new WebSocketServer(services.handshake.optionsFor(options));
    this.server.on('wsClientError', (error, socket, request) =>
      services.handshake.refuseMalformed(error, request, socket as Socket),
    );
  }

  /** The sockets of clients that have signed in. */
  get sockets(): ReadonlySet<SocketConnection> {
    return this.signedIn;
  }

  /** @param connect makes Nest bind the gateway's handlers to a socket */
  onConnect(connect: (socket: SocketConnection) => void): void {
    this.connect = connect;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.server.handleUpgrade(request, socket, head, (client) => this.open(client, request));
  }

  /** Tells the clients that the service ends, and waits a short time for their answers. */
  async close(): Promise<void> {
    const { server } = this;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const client of server.clients) client.close(closeCodes.goingAway);
    const farewell = setTimeout(() => {
      for (const client of server.clients) client.terminate();
    }, FAREWELL_MS);
    await closed;
    clearTimeout(farewell);
  }

  private open(client: WebSocket, request: IncomingMessage): void {
    const { handshake, registry, policy, logger } = this.services;
    const socket = new SocketConnection(client, handshake.addressOf(request), policy, (error) =>
      logger.error({ component: 'sockets', ...describeError(error) }, 'a socket failed'),
    );
    registry.add(socket);
    socket.onFrame((frame) => this.answer(socket, frame));
    const token = offeredToken(request.headers['sec-websocket-protocol']);
    if (token !== undefined) socket.inTurn(() => this.signIn(socket, token));
  }

  private async answer(socket: SocketConnection, frame: Buffer): Promise<void> {
    const message = readMessage(frame);
    if (message?.t === AUTH && typeof message['token'] === 'string')
      await this.signIn(socket, message['token']);
    else if (!socket.handler) socket.refuse('unauthenticated');
    else if (!message) socket.refuse('unknown-message');
    else await socket.handler(message);
  }

  private signIn(socket: SocketConnection, token: string): Promise<void> {
    return this.services.signIn.signIn(socket, token, async (isFirst) => {
      if (isFirst) this.bind(socket);
      await this.gateway.handleSignIn?.(socket);
    });
  }

  private bind(socket: SocketConnection): void {
    this.signedIn.add(socket);
    this.connect(socket);
    socket.onClose(() => {
      this.signedIn.delete(socket);
      // Nest would neither wait for the last message nor catch an error.
      socket.afterTurns(() => this.gateway.handleDisconnect?.(socket));
    });
  }
}
