import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AnswerMemory } from '../../../src/kernel/answers/answer-memory.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { insert, meal } from '../../support/rows.js';
import { until } from '../../support/until.js';
import { Device, write } from '../realtime/support.js';
import { codeOf, request } from './support.js';

const MEALS = '/api/meals?limit=500';
const MIB = 1_048_576;
/** More answers than the buffers of the system hold, so that some wait in the service. */
const PIPELINED = 8;

describe.runIf(hasDatabase())('slow readers', () => {
  const apps: TestApp[] = [];
  const clients: Socket[] = [];
  afterEach(() => {
    vi.restoreAllMocks();
    for (const client of clients.splice(0)) client.destroy();
  });
  afterAll(() => Promise.all(apps.map((app) => app.stop())));

  /** The service, and its side of every connection. */
  async function start(env: Record<string, string>): Promise<{ app: TestApp; sockets: Set<Socket> }> {
    const app = await TestApp.start({ env });
    apps.push(app);
    const sockets = new Set<Socket>();
    app.app.getHttpServer().on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    return { app, sockets };
  }

  /** A person with a list of several MiB. */
  async function personWithMeals(app: TestApp): Promise<Api> {
    const person = await app.api.register();
    await insert(
      app,
      'meals',
      Array.from({ length: 150 }, (_, index) => meal(person.userId, index, { items: 50 })),
    );
    return person;
  }

  const list = ({ headers }: Api): Buffer =>
    request('GET', MEALS, { authorization: headers['authorization']! });

  /** A connection that nobody reads, and the service's side of it. */
  async function open(app: TestApp, sockets: Set<Socket>): Promise<{ client: Socket; server: Socket }> {
    const { hostname, port } = new URL(app.url);
    const client = connect({ host: hostname, port: Number(port) }).on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    const accepted = () => [...sockets].find(({ remotePort }) => remotePort === client.localPort);
    await until(() => accepted() !== undefined);
    return { client, server: accepted()! };
  }

  const held = (servers: readonly Socket[]): number =>
    servers.reduce((sum, { writableLength }) => sum + writableLength, 0);

  /**
   * Asks for lists on connections that nobody reads, until the service holds this many bytes of answers.
   * @returns for each connection that holds an answer a promise of its end. Other answers are in the buffers of the system.
   */
  async function clog(
    app: TestApp,
    sockets: Set<Socket>,
    people: readonly Api[],
    bytes: number,
  ): Promise<{ servers: Socket[]; closed: Promise<unknown>[] }> {
    const asked = await Promise.all(
      people.flatMap((person) => [1, 2, 3].map(async () => ({ person, ...(await open(app, sockets)) }))),
    );
    const servers = asked.map(({ server }) => server);
    const memory = app.app.get(AnswerMemory);
    let before = 0;
    await until(() => {
      const now = memory.unread;
      // What is held at two looks is not just on its way.
      const isHeld = Math.min(before, now) >= bytes;
      before = now;
      if (!isHeld)
        for (const { client, person, server } of asked)
          if (server.writableLength === 0) client.write(list(person));
      return isHeld;
    }, 50);
    const holding = servers.filter(({ writableLength }) => writableLength > 0);
    return { servers, closed: holding.map((server) => once(server, 'close')) };
  }

  describe('who take nothing', () => {
    let app: TestApp;
    let sockets: Set<Socket>;
    let ada: Api;
    let eve: Api;
    beforeAll(async () => {
      ({ app, sockets } = await start({
        ANSWER_TIMEOUT: '4s',
        ANSWER_MIN_RATE: '1',
        ANSWER_MEMORY_PER_USER: '2',
        ANSWER_MEMORY: '4',
      }));
      [ada, eve] = [await personWithMeals(app), await personWithMeals(app)];
    });

    it('hold no more than their cap, are refused before rows are read, and lose their connections; others are served', async () => {
      const memory = app.app.get(AnswerMemory);
      const { servers, closed } = await clog(app, sockets, [ada], MIB);
      const reads = vi.spyOn(app.db, 'rows');
      const refused = await ada.get(MEALS);
      expect([refused.status, codeOf(refused)]).toEqual([429, 'quota-exceeded']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(reads.mock.calls.filter(([sql]) => sql.includes('meals'))).toEqual([]);
      expect((await ada.get('/api/users/me')).status).toBe(200);
      const served = await eve.get(MEALS);
      expect([served.status, served.body['data'].length > 10]).toEqual([200, true]);
      expect([memory.unread <= 2 * MIB, held(servers) <= 2 * MIB]).toEqual([true, true]);
      await Promise.all(closed);
      expect((await ada.get(MEALS)).status).toBe(200);
      await until(() => memory.unread === 0);
    });

    it('together hold no more than the cap of all, and then everybody is asked to come back', async () => {
      const memory = app.app.get(AnswerMemory);
      const { servers, closed } = await clog(app, sockets, [ada, eve], 3 * MIB);
      const late = await app.api.register();
      const refused = await late.get(MEALS);
      expect([refused.status, codeOf(refused)]).toEqual([503, 'busy']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([memory.unread <= 4 * MIB, held(servers) <= 4 * MIB]).toEqual([true, true]);
      await Promise.all(closed);
      await until(() => memory.unread === 0);
      expect((await late.get(MEALS)).status).toBe(200);
    });

    it('do not hold back a burst that is read: it waits where running requests may need all room', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => eve.get('/api/meals?limit=1')));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
      await until(() => app.app.get(AnswerMemory).unread === 0);
    });

    it('are not confused with sockets that have nothing to say', async () => {
      const device = await Device.join(eve);
      const { closed } = await clog(app, sockets, [ada], MIB / 2);
      // The socket is idle for longer than the time-out.
      await Promise.all(closed);
      await write(eve);
      await device.poke(1);
      await device.leave();
    });
  });

  /** Reads 64 KiB every `everyMs` until the connection ends. @returns the bytes that were read */
  function readSlowly(client: Socket, everyMs: number): () => number {
    let bytes = 0;
    client.on('data', (chunk) => {
      bytes += chunk.length;
      client.pause();
    });
    const timer = setInterval(() => client.resume(), everyMs);
    client.once('close', () => clearInterval(timer));
    return () => bytes;
  }

  it('are cut below the slowest rate, although they take something all the time', async () => {
    const { app, sockets } = await start({ ANSWER_TIMEOUT: '3s', ANSWER_MIN_RATE: '1000000000' });
    const person = await personWithMeals(app);
    const { client, server } = await open(app, sockets);
    for (let count = 0; count < PIPELINED; count++) client.write(list(person));
    const read = readSlowly(client, 100);
    await once(server, 'close');
    expect(read()).toBeGreaterThan(0);
    expect(read()).toBeLessThan(PIPELINED * MIB * 0.9);
    // Also the memory of the answers that waited behind it.
    await until(() => app.app.get(AnswerMemory).unread === 0);
  });

  it('above the slowest rate get everything, although it takes longer than the time-out', async () => {
    const { app, sockets } = await start({ ANSWER_TIMEOUT: '3s', ANSWER_MIN_RATE: '65536' });
    const person = await personWithMeals(app);
    const { length } = JSON.stringify((await person.get(MEALS)).body);
    const { client } = await open(app, sockets);
    for (let count = 0; count < PIPELINED; count++) client.write(list(person));
    const began = Date.now();
    const read = readSlowly(client, 35);
    await until(() => read() >= PIPELINED * length || client.destroyed);
    expect(read()).toBeGreaterThanOrEqual(PIPELINED * length);
    expect(Date.now() - began).toBeGreaterThan(3_000);
  });
});
