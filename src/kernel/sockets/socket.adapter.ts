import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { WsMessageHandler } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AbstractWsAdapter } from '@nestjs/websockets';
import { type Observable, tap } from 'rxjs';
import { Logger } from '../../platform/logger.js';
import type { SocketConnection } from './socket-connection.js';
import { SocketErrorFilter } from './socket-error.filter.js';
import type { SocketGatewayOptions } from './socket-gateway.js';
import { SocketGateways } from './socket-gateways.js';
import { SocketHandshake } from './socket-handshake.js';
import { isMessage } from './socket-messages.js';
import { SocketPolicy } from './socket-policy.js';
import { SocketRegistry } from './socket-registry.js';
import { SocketServer, type SocketServices } from './socket-server.js';
import { SocketSignIn } from './socket-sign-in.js';

/** A connection of Node, with the answer that is being written to it. */
type Connection = Socket & { readonly _httpMessage?: unknown };

/**
 * Connects the gateways of Nest to `ws`. The client that Nest sees is a {@link SocketConnection}, and Nest gets it only after
 * its sign-in. Create the adapter before the application is initialised.
 */
export class SocketAdapter extends AbstractWsAdapter {
  private readonly servers = new Map<string, SocketServer>();
  private readonly gateways: SocketGateways;
  private readonly errors: SocketErrorFilter;
  private readonly services: SocketServices;

  /** @throws DeclarationError when a gateway is declared in a way that would not work */
  constructor(app: NestFastifyApplication) {
    super(app);
    this.gateways = app.get(SocketGateways);
    this.gateways.check();
    this.errors = app.get(SocketErrorFilter);
    this.services = {
      handshake: app.get(SocketHandshake),
      signIn: app.get(SocketSignIn),
      registry: app.get(SocketRegistry),
      policy: app.get(SocketPolicy),
      logger: app.get(Logger),
    };
  }

  override create(_port: number, options: SocketGatewayOptions): SocketServer {
    const server = new SocketServer(options, this.gateways.at(options.path), this.services);
    if (this.servers.size === 0) this.http.on('upgrade', this.upgrade);
    this.servers.set(options.path, server);
    return server;
  }

  override bindClientConnect(server: SocketServer, connect: (socket: SocketConnection) => void): void {
    server.onConnect(connect);
  }

  /** Nest would not catch an error of `handleDisconnect`, so the server calls it. */
  override bindClientDisconnect(): void {}

  override bindMessageHandlers(
    socket: SocketConnection,
    handlers: WsMessageHandler[],
    transform: (result: unknown) => Observable<unknown>,
  ): void {
    const callbacks = new Map(handlers.map(({ message, callback }) => [message, callback]));
    socket.handler = async ({ t, ...body }) => {
      const callback = callbacks.get(t);
      if (!callback) return socket.refuse('unknown-message');
      await this.answer(socket, t, transform(callback(body, t)));
    };
  }

  override close(server: SocketServer): Promise<void> {
    return server.close();
  }

  override async dispose(): Promise<void> {
    this.http.off('upgrade', this.upgrade);
  }

  private get http(): Server {
    return this.httpServer as Server;
  }

  /** Sends the answers of a handler. The next message waits for the first answer, and not for the end of a stream. */
  private answer(socket: SocketConnection, t: string, answers: Observable<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const subscription = answers.pipe(tap((answer) => send(socket, t, answer))).subscribe({
        next: () => resolve(),
        complete: () => resolve(),
        error: (error: unknown) => {
          this.errors.answer(socket, t, error);
          resolve();
        },
      });
      // A stream ends when its socket is closed.
      subscription.add(socket.onClose(() => subscription.unsubscribe()));
    });
  }

  private readonly upgrade = (request: IncomingMessage, socket: Connection, head: Buffer): void => {
    // An earlier request of this connection is being answered, so nothing may be written now.
    if (socket._httpMessage) return void socket.destroy();
    const server = this.serverFor(request);
    if (server) server.upgrade(request, socket, head);
    else serveWithoutUpgrade(this.http, request, socket, head);
  };

  private serverFor({ headers, url = '' }: IncomingMessage): SocketServer | undefined {
    if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
    return this.servers.get(url.split('?', 1)[0] ?? '');
  }
}

function send(socket: SocketConnection, t: string, answer: unknown): void {
  if (answer === undefined || answer === null) return;
  if (!isMessage(answer)) throw new TypeError(`The handler of "${t}" answered no message: it has no "t"`);
  socket.send(answer);
}

/**
 * Ignores an upgrade to a protocol that is not offered (RFC 9110, 7.8), for example to HTTP/2. Node cannot decline an upgrade
 * once there is a listener for upgrades, so the request is given to the server again without its Upgrade header.
 */
function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}:${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
