import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Exit, type RunningServer, startServer } from '../../tools/support/server.js';
import { Api } from '../support/api.js';
import { SECRET, TestApp } from '../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

const WEIGHT = '/api/health-metrics/weight';
const CLIENTS = 8;
const PATIENCE_MS = 10_000;

/**
 * Runs inside the server process. When a connection ends, it writes the client's port and the number of bytes that
 * the server has read from it. So the test knows exactly which requests the server had begun to read.
 */
const counting = (file: string): string => `
  import { subscribe } from 'node:diagnostics_channel';
  import { appendFileSync } from 'node:fs';
  const open = new Map();
  const note = (socket) => {
    if (open.has(socket)) appendFileSync(${JSON.stringify(file)}, open.get(socket) + ' ' + socket.bytesRead + '\\n');
    open.delete(socket);
  };
  subscribe('net.server.socket', ({ socket }) => {
    open.set(socket, socket.remotePort);
    socket.once('close', () => note(socket));
  });
  process.once('exit', () => { for (const socket of open.keys()) note(socket); });`;

interface Connection {
  readonly port: number;
  /** The bytes of the requests that got a complete answer. */
  answeredBytes: number;
}

/** A client that sends one request after another, over one connection as long as the server keeps it open. */
class Client {
  readonly connections: Connection[] = [];
  /** The status of every answer, and every weight that was acknowledged. */
  readonly statuses: number[] = [];
  readonly acknowledged: string[] = [];

  constructor(
    private readonly url: URL,
    private readonly authorization: string,
    private readonly onAnswer: () => void,
  ) {}

  /** Sends requests until the port is closed. */
  async run(): Promise<void> {
    for (let socket = await this.connect(); socket; socket = await this.connect()) await this.use(socket);
  }

  private connect(): Promise<Socket | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true });
      socket.once('connect', () => resolve(socket));
      // The connection was refused, or only the operating system accepted it. In both cases no byte was read.
      socket.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' ? resolve(undefined) : reject(error),
      );
    });
  }

  private async use(socket: Socket): Promise<void> {
    const connection: Connection = { port: socket.localPort!, answeredBytes: 0 };
    this.connections.push(connection);
    socket.on('error', () => undefined);
    for (let turn = 0; ; turn++) {
      const id = randomUUID();
      const bytes =
        turn % 2
          ? this.request('GET', `${WEIGHT}?limit=5`)
          : this.request('POST', WEIGHT, {
              id,
              weight_value: 75.5,
              unit: 'kg',
              timestamp: '2026-01-06T20:30:00Z',
            });
      const answer = await ask(socket, bytes);
      if (!answer) break;
      connection.answeredBytes += bytes.length;
      this.statuses.push(answer.status);
      if (answer.status === 201) this.acknowledged.push(id);
      this.onAnswer();
      if (answer.closes) break;
    }
    socket.destroy();
  }

  private request(method: string, path: string, body?: object): Buffer {
    const text = body ? JSON.stringify(body) : '';
    const fields = body ? `content-type: application/json\r\ncontent-length: ${text.length}\r\n` : '';
    return Buffer.from(
      `${method} ${path} HTTP/1.1\r\nhost: hale.test\r\nauthorization: ${this.authorization}\r\n${fields}\r\n${text}`,
    );
  }
}

interface RawAnswer {
  readonly status: number;
  readonly closes: boolean;
  readonly body: string;
}

/** Sends the bytes. @returns the complete answer, or undefined when the connection ends without one */
function ask(socket: Socket, bytes: string | Buffer): Promise<RawAnswer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const finish = (answer?: RawAnswer): void => {
      socket.off('data', onData).off('close', onClose);
      resolve(answer);
    };
    const onClose = (): void => finish();
    const onData = (data: Buffer): void => {
      received = Buffer.concat([received, data]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = received.subarray(0, end).toString();
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < end + 4 + length) return;
      const body = received.subarray(end + 4, end + 4 + length).toString();
      finish({ status: Number(head.split(' ')[1]), closes: /connection: close/i.test(head), body });
    };
    socket.on('data', onData).on('close', onClose);
    if (socket.destroyed) finish();
    else socket.write(bytes);
  });
}

describe.runIf(hasDatabase())('R11: SIGTERM', () => {
  let database: TestDatabase;
  let directory: string;
  let server: RunningServer;
  beforeAll(async () => {
    database = await createDatabase();
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hale-shutdown-'));
  });
  afterEach(async () => {
    await server.kill();
    rmSync(directory, { recursive: true, force: true });
  });
  afterAll(() => database.drop());

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    server = await startServer({
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'info',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(counting(join(directory, 'connections')))}`,
      ...env,
    });
  };

  /** The number of bytes that the server has read, by the client's port. */
  const bytesRead = (): Map<number, number> => {
    const file = join(directory, 'connections');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    return new Map(lines.map((line) => line.split(' ').map(Number) as [number, number]));
  };

  interface Stopped extends Exit {
    readonly tookMs: number;
  }

  /** Sends SIGTERM once, and returns how and when the process ended. It kills a process that does not end. */
  const stop = async (): Promise<Stopped> => {
    const begin = performance.now();
    const exit = await server.stop();
    return { ...exit, tookMs: performance.now() - begin };
  };

  /** Sends SIGTERM, and resolves when the server logs that it stops, with a promise of its end. */
  const terminate = async (): Promise<{ readonly ended: Promise<Stopped> }> => {
    const begin = performance.now();
    const ended = once(server.process, 'exit').then(
      ([code, signal]) => ({ code, signal, tookMs: performance.now() - begin }) as Stopped,
    );
    const isStopping = new Promise<void>((resolve) => {
      const look = (): void => void (/"stopping"/.test(server.output().stdout) && resolve());
      server.process.stdout!.on('data', look);
      look();
    });
    server.process.kill('SIGTERM');
    await isStopping;
    return { ended };
  };

  /** Tries to connect until the port is closed. After that, only requests that have begun are left. */
  const untilClosed = async (): Promise<void> => {
    const { hostname, port } = new URL(server.url);
    for (let isOpen = true; isOpen;)
      isOpen = await new Promise<boolean>((resolve) => {
        const socket = connect({ host: hostname, port: Number(port) });
        socket.once('connect', () => socket.destroy()).once('close', (hadError) => resolve(!hadError));
        socket.once('error', () => undefined);
      });
  };

  const open = async (): Promise<Socket> => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return socket.on('error', () => undefined);
  };

  it.each([1, 2, 3])(
    'R11: under load the service answers every request that it has begun to read, and exits with 0 (round %i)',
    async (round) => {
      await start();
      const ada = await new Api(server.url).register();
      let answered = 0;
      let exit: Promise<Stopped> | undefined;
      const onAnswer = (): void => {
        if (++answered === 150 + 37 * round) exit = stop();
      };
      const clients = Array.from(
        { length: CLIENTS },
        () => new Client(new URL(server.url), ada.headers['authorization']!, onAnswer),
      );
      await Promise.all(clients.map((client) => client.run()));
      const { code, signal, tookMs } = await exit!;
      expect([code, signal]).toEqual([0, null]);
      expect(tookMs).toBeLessThan(PATIENCE_MS);

      const read = bytesRead();
      const connections = clients.flatMap((client) => client.connections);
      expect(connections.length).toBeGreaterThanOrEqual(CLIENTS);
      // Every byte that the server has read belongs to a request with a complete answer.
      for (const { port, answeredBytes } of connections)
        expect([port, read.get(port) ?? 0]).toEqual([port, answeredBytes]);
      // And every answer is a success.
      expect(
        clients.flatMap(({ statuses }) => statuses).filter((status) => status !== 200 && status !== 201),
      ).toEqual([]);

      const app = await TestApp.start({ database });
      const stored = new Set<string>();
      for (let offset = 0; ; offset += 500) {
        const { body } = await new Api(app.url, ada.headers).get(`${WEIGHT}?limit=500&offset=${offset}`);
        for (const { id } of body['data']) stored.add(id);
        if (body['data'].length < 500) break;
      }
      await app.stop();
      const acknowledged = clients.flatMap((client) => client.acknowledged);
      expect(acknowledged.length).toBeGreaterThan(50);
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    },
  );

  it('R11: waits for a request whose body is still arriving', async () => {
    await start();
    const ada = await new Api(server.url).register();
    const text = JSON.stringify({ weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' });
    const socket = await open();
    // The server answers 100 Continue when it has read the head. From then on the request has begun.
    const continued = await ask(
      socket,
      `POST ${WEIGHT} HTTP/1.1\r\nhost: x\r\nauthorization: ${ada.headers['authorization']}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nexpect: 100-continue\r\n\r\n`,
    );
    expect(continued?.status).toBe(100);
    const { ended } = await terminate();
    await untilClosed();
    // The database must still be open for the request.
    const answer = await ask(socket, text);
    socket.destroy();
    expect(answer?.status).toBe(201);
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  it('R11: is not delayed by idle connections', async () => {
    await start();
    const idle = await Promise.all(Array.from({ length: 5 }, open));
    for (const socket of idle)
      expect((await ask(socket, 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'))?.status).toBe(200);
    const { code, tookMs } = await stop();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(PATIENCE_MS / 2);
  });

  it('R11: is not delayed by connections on which nothing was sent', async () => {
    await start();
    const silent = await Promise.all(Array.from({ length: 3 }, open));
    // They were accepted, because a later connection was accepted.
    expect((await fetch(`${server.url}/health/live`, { headers: { connection: 'close' } })).status).toBe(200);
    const { code, tookMs } = await stop();
    for (const socket of silent) socket.destroy();
    expect([code, tookMs < PATIENCE_MS / 2]).toEqual([0, true]);
  });

  it('R11: while it drains, reports "not ready", still answers, and closes its connections', async () => {
    await start({ DRAIN_DELAY: '1s' });
    const ada = await new Api(server.url).register();
    const kept = await open();
    expect((await ask(kept, 'GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n'))?.status).toBe(200);
    const { ended } = await terminate();
    const ready = await ask(kept, 'GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n');
    expect([ready?.status, ready?.closes, ready?.body]).toEqual([
      503,
      true,
      JSON.stringify({ status: 'draining', degraded: [] }),
    ]);
    const answer = await ask(
      await open(),
      `GET ${WEIGHT} HTTP/1.1\r\nhost: x\r\nauthorization: ${ada.headers['authorization']}\r\n\r\n`,
    );
    expect([answer?.status, answer?.closes]).toEqual([200, true]);
    const { code, tookMs } = await ended;
    expect(code).toBe(0);
    expect(tookMs).toBeGreaterThan(950);
  });

  // Ctrl-C during `npm start` sends two signals: one from the terminal, and one from npm.
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'R11: is not interrupted by a second signal (%s)',
    async (second) => {
      await start({ DRAIN_DELAY: '1s' });
      const { ended } = await terminate();
      server.process.kill(second);
      expect(await ended).toMatchObject({ code: 0, signal: null });
    },
  );
});
