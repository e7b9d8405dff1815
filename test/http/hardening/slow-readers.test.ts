import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AnswerMemory } from '../../../src/kernel/answers/answer-memory.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { insert, meal } from '../../support/rows.js';
import { Device as SyncDevice, type Wire } from '../../support/sync.js';
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

  /** A push of 70 kB that was applied before, so that its answer has 100 records, and somewhat more than 1 MiB. */
  async function pushAnsweredWithRecords(app: TestApp): Promise<{ device: SyncDevice; push: Buffer }> {
    const person = await personWithMeals(app);
    const device = await new SyncDevice(person).ready();
    const meals = await app.db.rows('SELECT id FROM meals WHERE user_id = ? LIMIT 100', [person.userId]);
    const mutations = meals.map(({ id }) =>
      device.update({ kind: 'meal', id, version: 1 }, { note: 'x'.repeat(500) }),
    );
    const { status } = await device.send(mutations);
    expect(status).toBe(200);
    const body = JSON.stringify({ client_id: device.id, epoch: device.epoch, mutations });
    const headers = {
      authorization: person.headers['authorization']!,
      'content-type': 'application/json',
    };
    return { device, push: request('POST', '/api/sync/push', headers, body) };
  }

  /** The mutations of a push as it was sent. */
  const mutationsOf = (push: Buffer): Wire[] =>
    JSON.parse(push.toString().split('\r\n\r\n')[1]!)['mutations'] as Wire[];

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
   * Asks for large answers on connections that nobody reads, until the service holds this many bytes of answers.
   * @returns for each connection that holds an answer a promise of its end. Other answers are in the buffers of the system.
   */
  async function clog(
    app: TestApp,
    sockets: Set<Socket>,
    people: readonly Api[],
    bytes: number,
    ask: (person: Api) => Buffer = list,
  ): Promise<{ servers: Socket[]; closed: Promise<unknown>[] }> {
    const asked = await Promise.all(
      people.flatMap((person) =>
        [1, 2, 3].map(async () => ({ person, answered: -1, ...(await open(app, sockets)) })),
      ),
    );
    const memory = app.app.get(AnswerMemory);
    let before = 0;
    await until(async () => {
      const now = memory.unread;
      // What is held at two looks is not just on its way.
      const isHeld = Math.min(before, now) >= bytes;
      before = now;
      if (isHeld) return true;
      for (const one of asked) {
        // On a slow machine the first are cut before the last are asked.
        if (one.server.destroyed) Object.assign(one, await open(app, sockets), { answered: -1 });
        // One request at a time on each connection, so that none waits behind many.
        const { writableLength, bytesWritten } = one.server;
        if (writableLength > 0 || bytesWritten === one.answered) continue;
        one.answered = bytesWritten;
        one.client.write(ask(one.person));
      }
      return false;
    }, 50);
    const servers = asked.map(({ server }) => server);
    const holding = servers.filter(({ writableLength }) => writableLength > 0);
    // A client that ends without reading resets the connection: an error, and then its end.
    const closed = holding.map((server) => new Promise((resolve) => void server.once('close', resolve)));
    return { servers, closed };
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

    it('together hold no more than the cap of all, and whoever holds the most gives way to others', async () => {
      const memory = app.app.get(AnswerMemory);
      const { servers, closed } = await clog(app, sockets, [ada, eve], 3 * MIB);
      const late = await personWithMeals(app);
      const before = memory.unread;
      const served = await late.get(MEALS);
      expect([served.status, served.body['data'].length > 10]).toEqual([200, true]);
      expect(memory.unread).toBeLessThan(before);
      expect([memory.unread <= 4 * MIB, held(servers) <= 4 * MIB]).toEqual([true, true]);
      await Promise.all(closed);
      await until(() => memory.unread === 0);
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

  it('who take no answers of pushes, which are larger than the requests, are refused like those of lists', async () => {
    // No time-out: on a busy machine the connections need many answers, one after the other, until they are full.
    const { app, sockets } = await start({
      ANSWER_TIMEOUT: '10m',
      ANSWER_MIN_RATE: '1',
      ANSWER_MEMORY_PER_USER: '2',
      ANSWER_MEMORY: '4',
    });
    const memory = app.app.get(AnswerMemory);
    const eve = await personWithMeals(app);
    const { device, push } = await pushAnsweredWithRecords(app);
    const { closed } = await clog(app, sockets, [device.api], MIB, () => push);
    const refused = await device.send([]);
    expect([refused.status, codeOf(refused)]).toEqual([429, 'quota-exceeded']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(memory.unread).toBeLessThanOrEqual(4 * MIB);
    expect((await eve.get(MEALS)).status).toBe(200);
    for (const client of clients.splice(0)) client.destroy();
    await Promise.all(closed);
    await until(() => memory.unread === 0);
    // The same push again is answered as before: no refusal lost it.
    const [first] = await device.push(...mutationsOf(push));
    expect(first).toMatchObject({ status: 'duplicate', version: 2 });
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
