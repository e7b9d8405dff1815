import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Api } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, weightFields, type Wire } from '../../support/sync.js';
import { startTwo } from '../auth/support.js';
import { before, conflictsOf, liveOf, shared, statusesOf, twoPhones } from './support.js';

/** SQLite allows only one server. */
describe.runIf(hasDatabase() && inject('engine') === 'mariadb')('sync, two servers on one database', () => {
  let apps: readonly [TestApp, TestApp];
  beforeAll(async () => {
    apps = await startTwo();
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.stop();
  });

  const through = (app: TestApp, { headers, account }: Api): Api => new Api(app.url, headers, account);

  it('F23 the same push to both at once creates one set of rows', async () => {
    const { person, a } = await twoPhones(apps[0].api);
    const batch = Array.from({ length: 20 }, (_, i) => a.create('weight', weightFields(60 + i)));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => {
        const device = new Device(through(apps[i % 2]!, person), a.id);
        device.epoch = a.epoch;
        return device.send(batch);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const said = answers.map(({ body }) => new Set(statusesOf(body['results'])));
    expect(said.filter((statuses) => statuses.has('applied'))).toEqual([new Set(['applied'])]);
    expect((await liveOf(person)).size).toBe(20);
  });

  it('F1 writers and readers of both: each reader sees every change, in one order', async () => {
    const { person } = await twoPhones(apps[0].api);
    const writers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => new Device(through(apps[i % 2]!, person), `writer-${i}`).ready()),
    );
    let ended = false;
    const readers = apps.map(async (app) => {
      const seen: Wire[] = [];
      let cursor: string | undefined;
      for (let last = false; !last;) {
        last = ended;
        const page = await drainSync(through(app, person), { cursor, limit: 50 });
        seen.push(...page.changes);
        cursor = page.cursor;
      }
      return seen;
    });
    const write = async (writer: Device): Promise<void> => {
      for (let i = 0; i < 25; i++) await writer.push(writer.create('weight', weightFields(60 + i)));
    };
    await Promise.all(writers.map(write));
    ended = true;
    const [first, second] = await Promise.all(readers);
    expect(first).toHaveLength(200);
    expect(second).toEqual(first);
    const places = first!.map(({ seq }) => Number(seq));
    expect(places).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it('F42 of those who resolve through both at once exactly one wins', async () => {
    const { person, a, b } = await twoPhones(apps[0].api);
    const record = await shared(a, 'weight');
    await a.push(a.update(record, weightFields(80), { modified_at: before(60_000) }));
    await b.push(b.update(record, weightFields(90)));
    const [conflict] = await conflictsOf(person);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        through(apps[i % 2]!, person).post(`/api/sync/conflicts/${conflict?.['id']}/resolve`, {
          choice: i % 3 === 0 ? 'use_mine' : 'keep_server',
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(409)]);
  });
});
