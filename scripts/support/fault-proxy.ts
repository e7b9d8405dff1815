import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A bad network for tests: a TCP proxy in front of the service that loses what it is told to lose.
 * The service knows nothing of it, so it is tested as it is shipped.
 *
 * A fault strikes the next bytes a client sends, on whichever connection they come; a keep-alive connection
 * carries one request at a time, so that is the next request. Give each client a proxy of its own when several
 * run at once. Faults that were ordered and have not struck yet wait in line, first come first served.
 */
export interface FaultProxy {
  readonly port: number;
  /** What a client uses instead of the service's own address. */
  readonly url: string;
  /**
   * The next request reaches the service and is answered; the answer is thrown away and the connection cut.
   * Resolves when that has happened, with the first line of the lost answer (`HTTP/1.1 200 OK`).
   */
  dropNextResponse(): Promise<string>;
  /** The next request is thrown away before the service sees it, and the connection cut. Resolves when that has happened. */
  dropNextRequest(): Promise<void>;
  /**
   * `true`: cuts every connection and every new one (no network). `false`: lets new ones through again.
   * A client that keeps connections may notice a cut only when it uses one again, as on a real network.
   */
  refuse(refusing: boolean): void;
  /** New connections go to this port from now on: a service that was started again listens elsewhere. */
  retarget(port: number): void;
  /** Cuts everything and frees the port. */
  close(): Promise<void>;
}

interface Fault {
  readonly loses: 'request' | 'response';
  readonly struck: (firstLine: string) => void;
}

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
  const order = (loses: Fault['loses']): Promise<string> =>
    new Promise((struck) => {
      network.faults.push({ loses, struck });
    });
  return {
    port,
    url: `http://${HOST}:${port}`,
    dropNextResponse: () => order('response'),
    dropNextRequest: async () => void (await order('request')),
    refuse: (refusing) => refuse(network, refusing),
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
  if (network.refusing) client.resetAndDestroy();
  else link(client, network);
}

function link(client: Socket, network: Network): void {
  const service = createConnection({ host: HOST, port: network.target, allowHalfOpen: true, noDelay: true });
  service.on('error', ignore);
  const cut = (): void => {
    client.resetAndDestroy();
    service.resetAndDestroy();
  };
  network.cuts.add(cut);
  client.once('close', () => network.cuts.delete(cut));
  let fault: Fault | undefined;

  client.on('data', (bytes) => {
    fault ??= network.faults.shift();
    if (fault?.loses === 'request') strike(fault, bytes, cut);
    else pass(bytes, client, service);
  });
  service.on('data', (bytes) => {
    if (fault) strike(fault, bytes, cut);
    else pass(bytes, service, client);
  });
  endTogether(client, service);
  endTogether(service, client);
}

function strike(fault: Fault, bytes: Buffer, cut: () => void): void {
  cut();
  fault.struck(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
}

function pass(bytes: Buffer, from: Socket, to: Socket): void {
  if (to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

/** An orderly end stays orderly (what is under way still arrives); a broken connection breaks the other half too. */
function endTogether(one: Socket, other: Socket): void {
  one.once('end', () => other.end());
  one.once('close', (broken) => (broken ? other.resetAndDestroy() : other.end()));
}

/** `close` follows every error and does the work. */
function ignore(): void {}
