import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A bad network for tests: a TCP proxy in front of the service that causes the faults that are ordered. The service needs no
 * change for it, so the shipped service is tested.
 *
 * A fault affects the next bytes that a client sends, on any connection; a keep-alive connection carries one request at a
 * time, so that is the next request. Give each client its own proxy if several run at once. Faults wait in a queue; a fault
 * with `to` (a part of the first line, such as `/api/sync/push`) waits for such a request.
 */
export interface FaultProxy {
  readonly port: number;
  /** The URL that clients use instead of the service's own. */
  readonly url: string;
  /**
   * The next request reaches the service and is answered; the answer is dropped and the connection cut.
   * Resolves when this has happened, with the first line of the lost answer (`HTTP/1.1 200 OK`).
   */
  dropNextResponse(to?: string): Promise<string>;
  /** The next request is dropped before the service gets it, and the connection is cut. Resolves when this has happened. */
  dropNextRequest(to?: string): Promise<void>;
  /** The service gets the next request twice, at the same time; the client gets one of the answers. */
  duplicateNextRequest(to?: string): Promise<void>;
  /** The next answer ends in the middle. */
  cutNextResponse(to?: string): Promise<void>;
  /** The next request is delayed by this time. */
  delayNextRequest(milliseconds: number, to?: string): Promise<void>;
  /** The next request is answered with 503 before the service gets it, as by a gateway whose service is unavailable. */
  failNextRequest(to?: string): Promise<void>;
  /**
   * `true`: cuts all connections and refuses new ones (no network). `false`: accepts new ones again.
   * A client with open connections may notice the cut only when it uses one again, as on a real network.
   */
  refuse(refusing: boolean): void;
  /** Removes the waiting faults, and accepts connections again. */
  heal(): void;
  /** Sends new connections to this port, for a service that was restarted on another one. */
  retarget(port: number): void;
  /** Cuts all connections and frees the port. */
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
  /** For each open connection a function that cuts it. */
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

/** Accepts and resets connections instead of closing the port, so that no other program can take the port. */
function accept(client: Socket, network: Network): void {
  client.on('error', ignore);
  if (network.refusing) reset(client);
  else link(client, network);
}

/** A connection of a client, with the connection to the service. */
interface Link {
  readonly client: Socket;
  readonly service: Socket;
  readonly network: Network;
  readonly cut: () => void;
  /** The fault of the current request. */
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
  // After the connection to the client has ended, further bytes are ignored.
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
    // The rest of the request waits behind it.
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
    // The answer to the duplicate is not needed.
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
 * While a socket is ending, libuv refuses to reset it (EINVAL), and Node then drops it without closing it: the socket
 * stays open, and the process cannot end.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Ends in an orderly way: a reset could discard bytes that were written before. */
function end({ client, service }: Link, last: string | Buffer): void {
  client.end(last);
  reset(service);
}

function take(faults: Fault[], bytes: Buffer): Fault | undefined {
  const line = firstLine(bytes);
  const index = faults.findIndex(({ to }) => line.includes(to));
  return index < 0 ? undefined : faults.splice(index, 1)[0];
}

/** The position after the headers, if they are complete. */
function middleOf(bytes: Buffer): number {
  const body = bytes.indexOf('\r\n\r\n');
  return body < 0 ? Math.floor(bytes.length / 2) : Math.floor((body + 4 + bytes.length) / 2);
}

function pass(bytes: Buffer, from: Socket, to: Socket): void {
  if (to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** An orderly end is passed on as such, so that bytes on the way arrive; a broken connection breaks the other one too. */
function endTogether(one: Socket, other: Socket): void {
  one.once('end', () => other.end());
  one.once('close', (broken) => (broken ? reset(other) : other.end()));
}

/** An error is always followed by `close`, which is handled. */
function ignore(): void {}
