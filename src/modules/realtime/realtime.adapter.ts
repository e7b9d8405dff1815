import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocketServer } from 'ws';
import { Handshake } from './handshake.js';
import { closeCodes } from './realtime.wire.js';

/** Clients get this long to answer a close when the service ends. */
const FAREWELL_MS = 1_000;

/** A connection as Node has it: with the answer that is being written to it. */
type Connection = Socket & { readonly _httpMessage?: unknown };
type UpgradeListener = (request: IncomingMessage, socket: Connection, head: Buffer) => void;

/** Nest's adapter for `ws`, with our rules for handshakes, and for requests that ask for another upgrade. */
export class RealtimeAdapter extends WsAdapter {
  private readonly handshake: Handshake;
  private readonly upgrades: { readonly server: Server; readonly listener: UpgradeListener }[] = [];

  constructor(app: NestFastifyApplication) {
    super(app);
    this.handshake = app.get(Handshake);
  }

  override create(port: number, options: Record<string, unknown>): unknown {
    return super.create(port, { ...options, ...this.handshake.options });
  }

  /** Frames are read by the gateway itself, which counts them before it parses them. */
  override bindMessageHandlers(): void {}

  /** What a client does wrong is not an error of the service. */
  override bindErrorHandler<T>(server: T): T {
    return server;
  }

  /** Tells the clients to go elsewhere, and waits only a little for their answers. */
  override async close(server: WebSocketServer): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const client of server.clients) client.close(closeCodes.goingAway);
    const farewell = setTimeout(() => {
      for (const client of server.clients) client.terminate();
    }, FAREWELL_MS);
    await closed;
    clearTimeout(farewell);
  }

  override async dispose(): Promise<void> {
    for (const { server, listener } of this.upgrades) server.off('upgrade', listener);
    await super.dispose();
  }

  protected override ensureHttpServerExists(port: number, server?: Server): Server | undefined {
    if (!server || this.httpServersRegistry.has(port)) return undefined;
    this.httpServersRegistry.set(port, server);
    const listener: UpgradeListener = (request, socket, head) => {
      // An earlier request of this connection is being answered: nothing may be written between.
      if (socket._httpMessage) return void socket.destroy();
      const target = this.serverFor(port, request);
      if (!target) return serveWithoutUpgrade(server, request, socket, head);
      target.handleUpgrade(request, socket, head, (client) => target.emit('connection', client, request));
    };
    server.on('upgrade', listener);
    this.upgrades.push({ server, listener });
    return server;
  }

  private serverFor(port: number, { headers, url = '' }: IncomingMessage): WebSocketServer | undefined {
    if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
    const servers = (this.wsServersRegistry.get(port) ?? []) as (WebSocketServer & { path: string })[];
    return servers.find(({ path }) => path === url.split('?', 1)[0]);
  }
}

/**
 * An upgrade that is not offered is ignored (RFC 9110, 7.8): clients ask for HTTP/2 that way. Node has no way to
 * decline once somebody listens for upgrades, so the request goes to the server once more, without the wish.
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
