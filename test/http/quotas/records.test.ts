import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RetentionService } from '../../../src/modules/sync/retention/retention.service.js';
import { type Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, TestClock } from '../../support/clock.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { Device, mealFields, weightFields, type Wire } from '../../support/sync.js';
import { entry, push as pushWeights, WEIGHT } from '../../support/weights.js';
import { conflictsOf, liveOf, problemOf, statusesOf } from '../sync/support.js';

/*
 * The invariants of the quotas of records. Each has tests that try to break it.
 * R1 What is stored is never refused: edits, deletions, restorations and retries take effect, however full the account is.
 * R2 No burst, on any of the ways to store a record, stores more than the quota.
 * R3 A refused mutation fails no neighbour, stores nothing, and its content can be sent again as a new mutation later.
 * R4 A quota that was lowered changes nothing that is stored.
 * R5 A restored record counts.
 * R6 What is deleted makes room, but creating and deleting in a loop is bounded.
 * R7 The quota of one person does not depend on another person.
 * R8 The counts are right after every sequence of writes, and after they were lost.
 */
const [PER_KIND, IN_ALL] = [5, 8];
const LIMITS = { QUOTA_RECORDS_PER_KIND: String(PER_KIND), QUOTA_RECORDS: String(IN_ALL) };

const weight = (id?: string): Wire => ({ ...weightFields(), ...(id === undefined ? {} : { id }) });
const create = (api: Api, id?: string): Promise<Answer> => api.post(WEIGHT, weight(id));
const createMeal = (api: Api): Promise<Answer> => api.post('/api/meals', mealFields());

const usageOf = async (api: Api): Promise<Wire> => {
  const { status, body } = await api.get('/api/users/me/usage');
  expect(status).toBe(200);
  return body;
};
const ofKind = async (api: Api, kind: string): Promise<Wire> =>
  ((await usageOf(api))['kinds'] as Wire[]).find((one) => one['kind'] === kind) ?? {};

describe.runIf(hasDatabase())('quotas of records', () => {
  const clock = new TestClock();
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: LIMITS, override: clock.install });
  });
  afterAll(() => app.stop());

  const stored = async (person: Api, table = 'weight_entries'): Promise<{ rows: number; live: number }> => {
    const [row] = await app.db.rows(
      `SELECT COUNT(*) AS n, COUNT(deleted_at) AS deleted FROM ${table} WHERE user_id = ?`,
      [person.userId],
    );
    return { rows: Number(row?.['n']), live: Number(row?.['n']) - Number(row?.['deleted']) };
  };

  async function full(): Promise<{ person: Api; ids: string[] }> {
    const person = await app.api.register();
    const ids: string[] = [];
    for (let count = 0; count < PER_KIND; count++) ids.push((await create(person)).body['id'] as string);
    return { person, ids };
  }

  it('R1 R2 the answer names the kind, the limit and the use', async () => {
    const { person } = await full();
    const refused = await create(person);
    expect([refused.status, problemOf(refused)]).toEqual([403, 'quota-exceeded']);
    expect(refused.body).toMatchObject({
      quota: 'records_of_kind',
      kind: 'weight',
      limit: PER_KIND,
      used: PER_KIND,
      detail: expect.stringContaining('5 of 5 records of the kind weight are in use.'),
    });
    for (let left = IN_ALL - PER_KIND; left > 0; left--) expect((await createMeal(person)).status).toBe(201);
    expect((await createMeal(person)).body).toMatchObject({
      quota: 'records',
      kind: 'meal',
      limit: IN_ALL,
      used: IN_ALL,
    });
    expect((await usageOf(person))['records']).toEqual({ limit: IN_ALL, used: IN_ALL, deleted: 0 });
  });

  it('R1 a full account is read, edited, resent and deleted as before', async () => {
    const { person, ids } = await full();
    const [id = '', other = ''] = ids;
    expect((await create(person, uuidv7())).status).toBe(403);
    expect((await person.put(`${WEIGHT}/${id}`, { weight_value: 70, unit: 'kg' })).status).toBe(200);
    const phone = await new Device(person).ready();
    const edit = phone.update({ kind: 'weight', id, version: 2 }, weightFields(71));
    const deletion = phone.delete({ kind: 'weight', id: other, version: 1 });
    expect(statusesOf(await phone.push(edit, deletion))).toEqual(['applied', 'applied']);
    expect(statusesOf(await phone.push(edit, deletion))).toEqual(['duplicate', 'duplicate']);
    const again = uuidv7();
    expect((await create(person, again)).status).toBe(201);
    expect((await create(person, again)).status).toBe(201);
    expect((await create(person, uuidv7())).status).toBe(403);
    expect((await person.delete(`${WEIGHT}/${again}`)).status).toBe(204);
  });

  it('R1 a creation that is pushed again is a duplicate, also under another number', async () => {
    const person = await app.api.register();
    const phone = await new Device(person).ready();
    const made = Array.from({ length: PER_KIND }, () => phone.create('weight', weightFields()));
    await phone.push(...made);
    const again = made.map((one) => ({ ...one, ...phone.mutation({}), modified_at: one['modified_at'] }));
    expect(statusesOf(await phone.push(...again))).toEqual(made.map(() => 'duplicate'));
    expect((await ofKind(person, 'weight'))['used']).toBe(PER_KIND);
  });

  it('R2 a burst over every way to store a record stores as many as fit', async () => {
    const person = await app.api.register();
    const phones = await Promise.all(Array.from({ length: 4 }, () => new Device(person).ready()));
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => create(person)),
      ...phones.map((phone) =>
        phone.send(Array.from({ length: 5 }, () => phone.create('weight', weightFields()))),
      ),
      ...Array.from({ length: 4 }, (_, at) =>
        pushWeights(person.device(`watch-${at}`), entry(randomUUID()), entry(randomUUID())),
      ),
      ...Array.from({ length: 4 }, (_, at) =>
        person.post('/api/sync/events', {
          client_id: `events-${at}`,
          events: [
            {
              event_id: randomUUID(),
              client_seq: 1,
              type: 'weight',
              id: uuidv7(),
              occurred_at: new Date().toISOString(),
              payload: weightFields(),
            },
          ],
        }),
      ),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => ![200, 201, 403].includes(status))).toEqual(
      [],
    );
    expect(await stored(person)).toEqual({ rows: PER_KIND, live: PER_KIND });
    expect(await ofKind(person, 'weight')).toEqual({
      kind: 'weight',
      limit: PER_KIND,
      used: PER_KIND,
      deleted: 0,
    });
    expect((await liveOf(person)).size).toBe(PER_KIND);
  });

  it('R2 a burst of several kinds stores no more than fit in all', async () => {
    const person = await app.api.register();
    await Promise.all(Array.from({ length: 24 }, (_, at) => (at % 2 ? create(person) : createMeal(person))));
    const counts = [await stored(person), await stored(person, 'meals')].map(({ live }) => live);
    expect(counts[0]! + counts[1]!).toBe(IN_ALL);
  });

  it('R3 a refused mutation fails no neighbour, and can be sent again as a new one when there is room', async () => {
    const { person, ids } = await full();
    const phone = await new Device(person).ready();
    const refused = phone.create('weight', weightFields(80));
    const meal = phone.create('meal', mealFields());
    const edit = phone.update({ kind: 'weight', id: ids[0], version: 1 }, weightFields(70));
    const [first, second, third] = await phone.push(refused, meal, edit);
    expect(first).toMatchObject({
      status: 'rejected',
      error: {
        code: 'quota-exceeded',
        field: 'kind',
        message: expect.stringContaining('5 of 5 records of the kind weight'),
      },
    });
    expect(first).not.toHaveProperty('record');
    expect([second?.['status'], third?.['status']]).toEqual(['applied', 'applied']);
    expect((await phone.push(refused, meal, edit)).map(({ status }) => status)).toEqual([
      'rejected',
      'duplicate',
      'duplicate',
    ]);
    expect((await person.delete(`${WEIGHT}/${ids[1]}`)).status).toBe(204);
    // The answer to a mutation is final, also when there is room.
    expect(statusesOf(await phone.push(refused))).toEqual(['rejected']);
    const again = phone.create('weight', weightFields(80), { id: refused['id'] });
    expect(statusesOf(await phone.push(again))).toEqual(['applied']);
    expect((await liveOf(person)).get(refused['id'])?.['data']).toMatchObject({ weight_value: 80 });
  });

  it('R3 of one push as many creations are applied as fit, in their order', async () => {
    const person = await app.api.register();
    const phone = await new Device(person).ready();
    const made = Array.from({ length: 100 }, () => phone.create('weight', weightFields()));
    const results = await phone.push(...made);
    expect(statusesOf(results)).toEqual(made.map((_, at) => (at < PER_KIND ? 'applied' : 'rejected')));
    expect(await stored(person)).toEqual({ rows: PER_KIND, live: PER_KIND });
  });

  it('R3 a deletion in a push makes room for what follows it', async () => {
    const { person, ids } = await full();
    const phone = await new Device(person).ready();
    const results = await phone.push(
      phone.create('weight', weightFields()),
      phone.delete({ kind: 'weight', id: ids[0], version: 1 }),
      phone.create('weight', weightFields()),
      phone.create('weight', weightFields()),
    );
    expect(statusesOf(results)).toEqual(['rejected', 'applied', 'applied', 'rejected']);
  });

  it('R3 of a group with a refused member nothing is stored, and its room is free', async () => {
    const { person, ids } = await full();
    const phone = await new Device(person).ready();
    const group = { group_id: randomUUID() };
    const results = await phone.push(
      phone.create('meal', mealFields(), group),
      phone.create('weight', weightFields(), group),
      phone.update({ kind: 'weight', id: ids[0], version: 1 }, weightFields(66), group),
      ...Array.from({ length: IN_ALL - PER_KIND }, () => phone.create('meal', mealFields())),
    );
    expect(results.map(({ error }) => error?.code)).toEqual([
      'group-rejected',
      'quota-exceeded',
      'group-rejected',
      ...Array.from({ length: IN_ALL - PER_KIND }, () => undefined),
    ]);
    expect((await usageOf(person))['records']).toMatchObject({ used: IN_ALL });
  });

  it('R3 what follows a refused creation of the same record is refused too, and kept nowhere', async () => {
    const { person } = await full();
    for (let left = IN_ALL - PER_KIND; left > 0; left--) await createMeal(person);
    const phone = await new Device(person).ready();
    const made = phone.create('weight', weightFields(80));
    const results = await phone.push(made, phone.update(made, weightFields(81)));
    expect(results.map(({ error }) => error?.code)).toEqual(['quota-exceeded', 'quota-exceeded']);
    expect(await conflictsOf(person)).toEqual([]);
  });

  it('R3 conflicts of unknown records are bounded, and what is not kept is refused', async () => {
    const person = await app.api.register();
    const phone = await new Device(person).ready();
    const edits = Array.from({ length: 20 }, () =>
      phone.update({ kind: 'weight', id: uuidv7(), version: 1 }, weightFields()),
    );
    const results = await phone.push(...edits);
    expect(statusesOf(results)).toEqual(edits.map((_, at) => (at < PER_KIND ? 'gone' : 'rejected')));
    expect(results.at(-1)?.['error']).toMatchObject({ code: 'quota-exceeded' });
    expect(await conflictsOf(person)).toHaveLength(PER_KIND);
    expect(await ofKind(person, 'conflict')).toMatchObject({ used: PER_KIND });
  });

  it('R3 an edit of an unknown record that is sent in several mutations takes room once', async () => {
    const { person } = await full();
    const phone = await new Device(person).ready();
    const target = { kind: 'weight', id: uuidv7(), version: 1 };
    const modified_at = new Date().toISOString();
    const again = () => phone.update(target, weightFields(70), { modified_at });
    const edits = Array.from({ length: 3 }, again);
    const meals = Array.from({ length: IN_ALL - PER_KIND }, () => phone.create('meal', mealFields()));
    expect(statusesOf(await phone.push(...edits, ...meals))).toEqual(
      'gone gone gone applied applied rejected'.split(' '),
    );
    expect(await conflictsOf(person)).toHaveLength(1);
  });

  it('R3 a refused weight of a simple client is accepted later, under the same local_id', async () => {
    const { person, ids } = await full();
    const watch = person.device('watch');
    const { body } = await pushWeights(watch, entry('local-1'), entry('local-2', { weight_value: -1 }));
    expect(body['synced']).toEqual([]);
    expect(body['rejected']).toContainEqual({
      local_id: 'local-1',
      code: 'quota-exceeded',
      field: 'local_id',
      message: expect.stringContaining('5 of 5'),
    });
    await person.delete(`${WEIGHT}/${ids[0]}`);
    const later = await pushWeights(watch, entry('local-1'));
    expect(later.body['synced']).toMatchObject([{ local_id: 'local-1', status: 'created' }]);
    expect((await pushWeights(watch, entry('local-1'))).body['synced']).toMatchObject([
      { status: 'duplicate' },
    ]);
  });

  it('R3 a refused creation is not remembered by its idempotency key', async () => {
    const { person, ids } = await full();
    const keyed = person.with({ 'idempotency-key': randomUUID() });
    expect((await create(keyed)).status).toBe(403);
    await person.delete(`${WEIGHT}/${ids[0]}`);
    expect((await create(keyed)).status).toBe(201);
    expect((await create(keyed)).status).toBe(201);
    expect(await stored(person)).toEqual({ rows: PER_KIND + 1, live: PER_KIND });
  });

  it('R5 a restored record counts, and is restored although the account is full', async () => {
    const { person, ids } = await full();
    const phone = await new Device(person).ready();
    await person.delete(`${WEIGHT}/${ids[0]}`);
    expect((await create(person)).status).toBe(201);
    const restored = phone.create('weight', weightFields(60), { id: ids[0] });
    expect(statusesOf(await phone.push(restored))).toEqual(['applied']);
    expect(await ofKind(person, 'weight')).toMatchObject({ used: PER_KIND + 1, deleted: 0 });
    expect((await create(person)).status).toBe(403);
    await person.delete(`${WEIGHT}/${ids[1]}`);
    expect((await create(person)).status).toBe(403);
    await person.delete(`${WEIGHT}/${ids[2]}`);
    expect((await create(person)).status).toBe(201);
  });

  it('R6 creating and deleting in a loop stores at most twice the quota, until the deleted ones are purged', async () => {
    const person = await app.api.register();
    let made = 0;
    for (let attempt = 0; attempt < 4 * PER_KIND; attempt++) {
      const { status, body } = await create(person);
      if (status !== 201) {
        expect(body).toMatchObject({ limit: 2 * PER_KIND, used: 2 * PER_KIND });
        continue;
      }
      made += 1;
      await person.delete(`${WEIGHT}/${body['id']}`);
    }
    expect(made).toBe(2 * PER_KIND);
    expect(await ofKind(person, 'weight')).toMatchObject({ used: 0, deleted: 2 * PER_KIND });
    clock.advance(181 * DAY);
    await app.app.get(RetentionService).run();
    const back = await person.login();
    expect(await ofKind(back, 'weight')).toMatchObject({ used: 0, deleted: 0 });
    expect((await create(back)).status).toBe(201);
  });

  it('R7 another person stores what their own quota allows', async () => {
    await full();
    const { person } = await full();
    expect(await stored(person)).toEqual({ rows: PER_KIND, live: PER_KIND });
  });

  it('R8 a choice that would store a new record is refused, and the conflict stays open', async () => {
    const { person, ids } = await full();
    const [a, b] = [await new Device(person, 'a').ready(), await new Device(person, 'b').ready()];
    const base = { kind: 'weight', id: ids[0], version: 1 };
    await a.push(a.update(base, weightFields(70)));
    await b.push(b.update(base, weightFields(90)));
    const [conflict] = await conflictsOf(person);
    const resolve = (choice: string) =>
      person.post(`/api/sync/conflicts/${conflict?.['id']}/resolve`, { choice });
    const refused = await resolve('keep_both');
    expect([refused.status, problemOf(refused)]).toEqual([403, 'quota-exceeded']);
    expect(await conflictsOf(person)).toMatchObject([{ id: conflict?.['id'], status: 'open' }]);
    expect((await resolve('use_other')).status).toBe(200);
    expect(await ofKind(person, 'conflict')).toMatchObject({ used: 1 });
  });

  it.each([
    ['counts', 'record_counts = NULL'],
    ['counts and digests', 'record_counts = NULL, digests = NULL'],
    ['counts of an older version', `record_counts = '{"weight":[1,0]}'`],
  ])('R8 lost %s are counted again', async (_, lost) => {
    const { person, ids } = await full();
    await person.delete(`${WEIGHT}/${ids[0]}`);
    await create(person);
    const before = await usageOf(person);
    const lose = () => change(app, `UPDATE user_sequences SET ${lost} WHERE user_id = ?`, [person.userId]);
    await lose();
    expect((await create(person)).status).toBe(403);
    await lose();
    expect((await person.put(`${WEIGHT}/${ids[1]}`, { weight_value: 70, unit: 'kg' })).status).toBe(200);
    expect(await usageOf(person)).toEqual(before);
  });

  it('R8 counts are not taken again for a kind that this version does not have', async () => {
    const person = await app.api.register();
    await create(person);
    const [row] = await app.db.rows('SELECT digests FROM user_sequences WHERE user_id = ?', [person.userId]);
    const digests = { ...JSON.parse(row?.['digests'] as string), blood_donation: [3, '5', '7'] };
    await change(app, 'UPDATE user_sequences SET digests = ? WHERE user_id = ?', [
      JSON.stringify(digests),
      person.userId,
    ]);
    const reads = vi.spyOn(app.db, 'rows');
    expect((await create(person)).status).toBe(201);
    expect(reads.mock.calls.filter(([sql]) => sql.includes('COUNT(deleted_at)'))).toEqual([]);
    reads.mockRestore();
  });
});

describe.runIf(hasDatabase())('a quota that was lowered', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  it('R4 changes nothing that is stored', async () => {
    const before = await TestApp.start({ database });
    const first = await before.api.register();
    const ids: string[] = [];
    for (let count = 0; count < 12; count++) ids.push((await create(first)).body['id'] as string);
    await first.delete(`${WEIGHT}/${ids.pop()}`);
    const shownBefore = [...(await liveOf(first)).values()];
    await before.stop();
    const app = await TestApp.start({ database, env: LIMITS });
    try {
      const person = new Api(app.url, first.headers, first.account);
      expect([...(await liveOf(person)).values()]).toEqual(shownBefore);
      expect(await ofKind(person, 'weight')).toMatchObject({ limit: PER_KIND, used: 11, deleted: 1 });
      expect((await create(person)).status).toBe(403);
      const phone = await new Device(person).ready();
      const edits = ids.map((id) => phone.update({ kind: 'weight', id, version: 1 }, weightFields(70)));
      expect(new Set(statusesOf(await phone.push(...edits)))).toEqual(new Set(['applied']));
      // The deleted ones still count towards twice the quota.
      for (const id of ids.slice(0, 6)) {
        expect((await create(person)).status).toBe(403);
        expect((await person.delete(`${WEIGHT}/${id}`)).status).toBe(204);
      }
      expect(await ofKind(person, 'weight')).toMatchObject({ used: 5, deleted: 7 });
    } finally {
      await app.stop();
    }
  });
});
