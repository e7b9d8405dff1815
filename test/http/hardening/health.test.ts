import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Readiness } from '../../../src/modules/operations/health/readiness.js';
import { TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { codeOf, everyAnswer, recordAnswers, WEIGHT, weight } from './support.js';

describe.runIf(hasDatabase())('106: health', () => {
  const answers = recordAnswers();
  afterEach(() => void vi.restoreAllMocks());
  const READY = [200, { status: 'ok', degraded: [] }];
  const LOST = [503, { status: 'unavailable', degraded: [] }];
  let database: TestDatabase;
  let link: Link;
  let app: TestApp;
  beforeAll(async () => {
    database = await createDatabase();
    link = await Link.to(database);
    app = await TestApp.start({ database: { ...database, url: link.url } });
  });
  afterAll(async () => {
    await app.stop();
    link.close();
    await database.drop();
  });

  const readiness = async (): Promise<unknown[]> => {
    const { status, body } = await app.api.get('/health/ready');
    return [status, body];
  };
  /** Polls until ready has this value, because nothing reports when a lost connection is noticed. */
  const untilReadiness = (expected: unknown[]) =>
    until(async () => isDeepStrictEqual(await readiness(), expected));
  const alive = async (): Promise<void> => {
    const { status, body } = await app.api.get('/health/live');
    expect([status, body]).toEqual([200, { status: 'ok' }]);
  };

  it('106: live does not query the database', async () => {
    const asked = [
      vi.spyOn(app.db, 'rows'),
      vi.spyOn(app.db.reader, 'query'),
      vi.spyOn(app.db.reader, 'createQueryRunner'),
      vi.spyOn(app.db.writer, 'createQueryRunner'),
    ];
    await alive();
    for (const spy of asked) expect(spy).not.toHaveBeenCalled();
    expect(await readiness()).toEqual(READY);
    expect(asked[0]).toHaveBeenCalledOnce();
  });

  it('106: neither reveals more than necessary, and both answer HEAD', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const { headers, body } = await app.api.get(path);
      expect(Object.keys(body).filter((name) => !['status', 'degraded'].includes(name))).toEqual([]);
      expect([...headers.keys()].filter((name) => /version|powered|server/.test(name))).toEqual([]);
      expect((await app.api.send('HEAD', path)).status).toBe(200);
    }
  });

  it.runIf(inject('engine') === 'mariadb')(
    '106: without its database it is not ready, lives on, and is ready after its return',
    async () => {
      const ada = await app.api.register();
      for (let time = 0; time < 2; time++) {
        link.cut();
        await untilReadiness(LOST);
        await alive();
        const refused = await ada.get(WEIGHT);
        expect([refused.status, codeOf(refused)]).toEqual([503, 'unavailable']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
        link.mend();
        await untilReadiness(READY);
        expect((await ada.get(WEIGHT)).status).toBe(200);
        expect((await ada.post(WEIGHT, weight)).status).toBe(201);
      }
    },
  );

  it.runIf(inject('engine') === 'mariadb')(
    '106: a database that only falls silent is lost as well',
    async () => {
      link.silence();
      expect(await readiness()).toEqual(LOST);
      await alive();
      link.speak();
      await untilReadiness(READY);
    },
  );

  it('106: during the drain it is live, not ready, and still answers', async () => {
    const ada = await app.api.register();
    app.app.get(Readiness).drain();
    expect(await readiness()).toEqual([503, { status: 'draining', degraded: [] }]);
    await alive();
    expect((await ada.get('/api/users/me')).status).toBe(200);
  });

  // The last: it starts an application of its own, and passport has one strategy per process.
  it.runIf(inject('engine') === 'sqlite')(
    '106: without its connection to the file it is not ready, and lives on',
    async () => {
      const lost = await TestApp.start();
      expect((await lost.api.get('/health/ready')).status).toBe(200);
      await lost.db.reader.destroy();
      const { status, body } = await lost.api.get('/health/ready');
      expect([status, body]).toEqual(LOST);
      expect((await lost.api.get('/health/live')).status).toBe(200);
      // A closed application cannot be closed again.
      await lost.db.reader.initialize();
      await lost.stop();
    },
  );

  everyAnswer(answers);
});

/** The connection to the database; on a server through a proxy, so that it can be cut. */
class Link {
  private isCut = false;
  private isSilent = false;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly target: URL) {
    this.server = createServer((client) => this.connect(client));
  }

  static async to({ url }: TestDatabase): Promise<Link> {
    const link = new Link(new URL(url));
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    return link;
  }

  get url(): string {
    if (this.target.protocol === 'sqlite:') return this.target.href;
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as { port: number }).port}`;
    return url.href;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  silence(): void {
    this.isSilent = true;
    for (const socket of this.sockets) socket.pause();
  }

  speak(): void {
    this.isSilent = false;
    for (const socket of this.sockets) socket.resume();
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private connect(client: Socket): void {
    if (this.isCut) return void client.destroy();
    const upstream = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (data) => to.write(data));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.isSilent) from.pause();
    }
  }
}
