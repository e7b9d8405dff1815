import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { Device, drainSync, weightFields, type Wire } from '../../support/sync.js';
import { WEIGHT } from '../../support/weights.js';
import {
  databaseError,
  everythingOf,
  faultyUnits,
  type FaultyUnits,
  liveOf,
  problemOf,
  statusesOf,
  twoPhones,
} from './support.js';

describe.runIf(hasDatabase())('sync, under load and failure', () => {
  let app: TestApp;
  let units: FaultyUnits;
  let isMysql: boolean;
  beforeAll(async () => {
    app = await TestApp.start({ override: faultyUnits((made) => (units = made)) });
    isMysql = app.db.dialect === 'mysql';
  });
  afterAll(() => app.stop());

  const batchOf = (device: Device, size: number, first = 0): Wire[] =>
    Array.from({ length: size }, (_, i) => device.create('weight', weightFields(60 + (first + i) / 100)));
  const conflict = (index: number): string =>
    isMysql
      ? ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'][index % 2]!
      : ['SQLITE_BUSY', 'SQLITE_LOCKED'][index % 2]!;

  it.each([0, 1])(
    'F56 two deadlocks or lock waits are nobody’s business: the third try applies once (%#)',
    async (kind) => {
      const { person, a } = await twoPhones(app.api);
      let tries = 0;
      units.before = () => {
        tries += 1;
        if (tries < 3) throw databaseError(conflict(kind));
      };
      const results = await a.push(...batchOf(a, 10)).finally(() => units.heal());
      expect([tries, statusesOf(results)]).toEqual([3, Array(10).fill('applied')]);
      const { changes } = await drainSync(person);
      expect(changes.map(({ seq, version }) => [seq, version])).toEqual(
        Array.from({ length: 10 }, (_, i) => [String(i + 1), 1]),
      );
    },
  );

  it('F56 a database that keeps refusing is answered with 503 and Retry-After; nothing is applied in part', async () => {
    const { person, a } = await twoPhones(app.api);
    const unchanged = await everythingOf(person);
    let tries = 0;
    units.before = () => {
      throw databaseError(conflict(tries++));
    };
    const batch = batchOf(a, 10);
    const refused = await a.send(batch).finally(() => units.heal());
    expect([refused.status, problemOf(refused), tries]).toEqual([503, 'busy', 3]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await everythingOf(person)).toEqual(unchanged);
    expect(statusesOf(await a.push(...batch))).toEqual(Array(10).fill('applied'));
  });

  it('F56 a connection lost at the commit is 503, and the retry shows the result', async () => {
    const { person, a } = await twoPhones(app.api);
    units.before = () => {
      throw databaseError('PROTOCOL_CONNECTION_LOST');
    };
    const batch = batchOf(a, 5);
    const lost = await a.send(batch).finally(() => units.heal());
    expect([lost.status, lost.headers.get('retry-after') === null]).toEqual([503, false]);
    expect((await liveOf(person)).size).toBe(0);
    expect(statusesOf(await a.push(...batch))).toEqual(Array(5).fill('applied'));
  });

  it('F57 sixteen phones of one person push at once: each is answered, and so is everybody else', async () => {
    const person = await app.api.register();
    const { person: other, a: bystander } = await twoPhones(app.api);
    const phones = await Promise.all(
      Array.from({ length: 16 }, (_, i) => new Device(person, `phone-${i}`).ready()),
    );
    const pushing = phones.map(async (phone, p) => {
      for (let i = 0; i < 5; i++) {
        const { status } = await phone.send(batchOf(phone, 20, p * 100 + i * 20));
        expect(status).toBe(200);
      }
    });
    let served = 0;
    const pushed = Promise.all(pushing);
    const state = { isDone: false };
    void pushed.finally(() => (state.isDone = true));
    const watching = (async () => {
      while (!state.isDone) {
        await bystander.push(...batchOf(bystander, 1, served));
        served += 1;
      }
    })();
    await pushed;
    await watching;
    expect((await liveOf(person)).size).toBe(1_600);
    expect((await liveOf(other)).size).toBe(served);
    expect(served).toBeGreaterThan(0);
  });

  /** As a client must: repeats the same request until it is answered. */
  async function untilAnswered(request: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; attempt <= 50; attempt++) {
      const answer = await request();
      if (answer.status < 500) return answer;
      expect(problemOf(answer)).toMatch(/^(internal|busy|unavailable)$/);
    }
    throw new Error('50 refusals in a row');
  }

  const plainWrite = (person: Api, index: number): (() => Promise<Answer>) => {
    const keyed = person.with({ 'idempotency-key': randomUUID() });
    return () => keyed.post(WEIGHT, weightFields(200 + index / 100));
  };

  it('F63 50 pushes and 50 single writes at once, a tenth of the commits fail: each is stored once', async () => {
    const random = seededRandom(chooseSeed());
    const { person } = await twoPhones(app.api);
    const phones = await Promise.all(Array.from({ length: 50 }, () => new Device(person).ready()));
    units.before = () => {
      if (random() < 0.1) throw new Error('refused by the test');
    };
    units.after = () => {
      if (random() < 0.05) throw databaseError('PROTOCOL_CONNECTION_LOST');
    };
    const batches = phones.map((phone, i) => batchOf(phone, 4, i * 4));
    const writes = phones.map((_, i) => plainWrite(person, i));
    const answers = await Promise.all([
      ...phones.map((phone, i) => untilAnswered(() => phone.send(batches[i]!))),
      ...writes.map((write) => untilAnswered(write)),
    ]).finally(() => units.heal());
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    const expected = [
      ...Array.from({ length: 200 }, (_, i) => 60 + i / 100),
      ...Array.from({ length: 50 }, (_, i) => 200 + i / 100),
    ];
    const { changes } = await drainSync(person, { limit: 30 });
    expect(changes.map(({ data }) => data.weight_value as number).toSorted((x, y) => x - y)).toEqual(
      expected,
    );
    const places = changes.map(({ seq }) => Number(seq));
    expect(places).toEqual([...new Set(places)].toSorted((x, y) => x - y));
  });

  it('F63 the same while conflicts are created and resolved', async () => {
    const random = seededRandom(chooseSeed());
    const { person, a, b } = await twoPhones(app.api);
    const made = batchOf(a, 20);
    await a.push(...made);
    units.before = () => {
      if (random() < 0.1) throw new Error('refused by the test');
    };
    const edits = [a, b].map((device, d) =>
      made.map(({ id }, i) =>
        device.update({ kind: 'weight', id, version: 1 }, weightFields(100 + d * 100 + i)),
      ),
    );
    await Promise.all(
      [a, b].map(async (device, d) => {
        for (const edit of edits[d]!) await untilAnswered(() => device.send([edit]));
      }),
    );
    const open = (await person.get('/api/sync/conflicts?status=open&limit=100')).body['data'] as Wire[];
    await Promise.all(
      open.map(({ id }) =>
        untilAnswered(() => person.post(`/api/sync/conflicts/${id}/resolve`, { choice: 'keep_server' })),
      ),
    ).finally(() => units.heal());
    expect((await person.get('/api/sync/status')).body['conflicts']).toBe(0);
    const values = [...(await liveOf(person)).values()].filter(({ kind }) => kind === 'weight');
    // B is after A at equal times, and no value is a mixture.
    for (const { id, data } of values) {
      const index = made.findIndex((mutation) => mutation['id'] === id);
      expect([100 + index, 200 + index]).toContain(data.weight_value);
    }
  });
});
