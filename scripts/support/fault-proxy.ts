import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A bad network for tests: a TCP proxy in front of the service that loses what it is told to lose.
 * The service knows nothing of it, so it is tested as it is shipped.
 *
 * A fault strikes the next bytes a client sends, on whichever connection they come; a keep-alive connection
 * carries one request at a time, so that is the next request. Give each client a proxy of its own when several
 * run at once. Faults that were ordered and have not struck yet wait in line, first come first served; one that names
 * what it is `to` (a part of the first line, such as `/api/sync/push`) waits for such a request.
 */
export interface FaultProxy {
  readonly port: number;
  /** What a client uses instead of the service's own address. */
  readonly url: string;
  /**
   * The next request reaches the service and is answered; the answer is thrown away and the connection cut.
   * Resolves when that has happened, with the first line of the lost answer (`HTTP/1.1 200 OK`).
   */
  dropNextResponse(to?: string): Promise<string>;
  /** The next request is thrown away before the service sees it, and the connection cut. Resolves when that has happened. */
  dropNextRequest(to?: string): Promise<void>;
  /** The service gets the next request twice, at the same time; the client gets one of the answers. */
  duplicateNextRequest(to?: string): Promise<void>;
  /** The next answer ends in the middle. */
  cutNextResponse(to?: string): Promise<void>;
  /** The next request waits so long on its way. */
  delayNextRequest(milliseconds: number, to?: string): Promise<void>;
  /** The next request is answered 503 before the service sees it, as by a gateway whose service is away. */
  failNextRequest(to?: string): Promise<void>;
  /**
   * `true`: cuts every connection and every new one (no network). `false`: lets new ones through again.
   * A client that keeps connections may notice a cut only when it uses one again, as on a real network.
   */
  refuse(refusing: boolean): void;
  /** Forgets the faults that have not struck, and lets connections through again. */
  heal(): void;
  /** New connections go to this port from now on: a service that was started again listens elsewhere. */
  retarget(port: number): void;
  /** Cuts everything and frees the port. */
  close(): Promise<void>;
}

type Loss = 'request' | 'response' | 'duplicate' | 'cut' | 'delay' | 'unavailable';

interface Fault {
  readonly kind: Loss;
  readonly to: string;
  readonly milliseconds: number;
  readonly struck: (firstLine: string) => void;
}

const UNAVAILABLE = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: application/problem+json',
  'Retry-After: 0',
  'Connection: close',
  'Content-Length: 32',
  '',
  '{"type":"/problems/unavailable"}',
].join('\r\n');

interface Network {
  target: number;
  refusing: boolean;
  readonly faults: Fault[];
  /** One function per open connection that cuts it. */
  readonly cuts: Set<() => void>;
}

/** Starts the proxy on a free port, in front of `targetPort` of this machine. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const network: Network = { target: targetPort, refusing: false, faults: [], cuts: new Set() };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => accept(client, network));
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const order = (kind: Loss, to = '', milliseconds = 0): Promise<string> =>
    new Promise((struck) => {
      network.faults.push({ kind, to, milliseconds, struck });
    });
  return {
    port,
    url: `http://${HOST}:${port}`,
    dropNextResponse: (to) => order('response', to),
    dropNextRequest: async (to) => void (await order('request', to)),
    duplicateNextRequest: async (to) => void (await order('duplicate', to)),
    cutNextResponse: async (to) => void (await order('cut', to)),
    delayNextRequest: async (milliseconds, to) => void (await order('delay', to, milliseconds)),
    failNextRequest: async (to) => void (await order('unavailable', to)),
    refuse: (refusing) => refuse(network, refusing),
    heal: () => {
      network.faults.length = 0;
      refuse(network, false);
    },
    retarget: (newPort) => {
      network.target = newPort;
    },
    close: async () => {
      refuse(network, true);
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(network: Network, refusing: boolean): void {
  network.refusing = refusing;
  if (refusing) for (const cut of network.cuts) cut();
}

/** Accepting and resetting, instead of closing the port: nobody else can take the port meanwhile. */
function accept(client: Socket, network: Network): void {
  client.on('error', ignore);
  if (network.refusing) reset(client);
  else link(client, network);
}

/** One connection of a client, and its other half. */
interface Link {
  readonly client: Socket;
  readonly service: Socket;
  readonly network: Network;
  readonly cut: () => void;
  /** What happens to the request that is under way. */
  fault: Fault | undefined;
  twin: Socket | undefined;
}

const connect = (network: Network): Socket =>
  createConnection({ host: HOST, port: network.target, allowHalfOpen: true, noDelay: true }).on(
    'error',
    ignore,
  );

function link(client: Socket, network: Network): void {
  const service = connect(network);
  const cut = (): void => {
    reset(client);
    reset(service);
  };
  const pair: Link = { client, service, network, cut, fault: undefined, twin: undefined };
  network.cuts.add(cut);
  client.once('close', () => network.cuts.delete(cut));
  client.on('data', (bytes) => send(pair, bytes));
  service.on('data', (bytes) => answer(pair, bytes));
  endTogether(client, service);
  endTogether(service, client);
}

function send(pair: Link, bytes: Buffer): void {
  const { client, service, network, cut } = pair;
  // What comes after the last word is not heard.
  if (client.writableEnded && pair.fault) return;
  pair.fault ??= take(network.faults, bytes);
  const { fault } = pair;
  if (fault?.kind === 'request') return strike(fault, bytes, cut);
  if (fault?.kind === 'unavailable') {
    end(pair, UNAVAILABLE);
    return fault.struck('');
  }
  if (fault?.kind === 'delay') {
    pair.fault = undefined;
    client.pause();
    // The rest of the request stays behind it.
    setTimeout(() => {
      fault.struck('');
      client.resume();
      if (!service.destroyed) pass(bytes, client, service);
    }, fault.milliseconds);
    return;
  }
  if (fault?.kind === 'duplicate') {
    pair.twin ??= connect(network).on('data', (heard: Buffer) => heard.length);
    pair.twin.write(bytes);
  }
  pass(bytes, client, service);
}

function answer(pair: Link, bytes: Buffer): void {
  const { fault, client, service, cut } = pair;
  if (fault?.kind === 'response') return strike(fault, bytes, cut);
  if (fault?.kind === 'cut') {
    if (!client.writableEnded) end(pair, bytes.subarray(0, middleOf(bytes)));
    return fault.struck('');
  }
  if (fault?.kind === 'duplicate') {
    pair.fault = undefined;
    // Its own answer comes or not: nobody waits for it.
    pair.twin?.end();
    pair.twin = undefined;
    fault.struck('');
  }
  pass(bytes, service, client);
}

function strike(fault: Fault, bytes: Buffer, cut: () => void): void {
  cut();
  fault.struck(firstLine(bytes));
}

const firstLine = (bytes: Buffer): string => bytes.toString('latin1').split('\r\n', 1)[0] ?? '';

/**
 * While the end of a socket is under way libuv refuses to reset it (EINVAL), and Node lets go of it without closing it:
 * it stays, and the process cannot end any more.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** In order: a reset might take back what was written so far. */
function end({ client, service }: Link, last: string | Buffer): void {
  client.end(last);
  reset(service);
}

function take(faults: Fault[], bytes: Buffer): Fault | undefined {
  const line = firstLine(bytes);
  const index = faults.findIndex(({ to }) => line.includes(to));
  return index < 0 ? undefined : faults.splice(index, 1)[0];
}

/** Behind the headers when they are all there. */
function middleOf(bytes: Buffer): number {
  const body = bytes.indexOf('\r\n\r\n');
  return body < 0 ? Math.floor(bytes.length / 2) : Math.floor((body + 4 + bytes.length) / 2);
}

function pass(bytes: Buffer, from: Socket, to: Socket): void {
  if (to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** An orderly end stays orderly (what is under way still arrives); a broken connection breaks the other half too. */
function endTogether(one: Socket, other: Socket): void {
  one.once('end', () => other.end());
  one.once('close', (broken) => (broken ? reset(other) : other.end()));
}

/** `close` follows every error and does the work. */
function ignore(): void {}
