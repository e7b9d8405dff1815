import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { change } from '../support/people.js';
import { chooseSeed, seededRandom } from '../support/random.js';
import { atMinute, insert, weightRow } from '../support/rows.js';
import { entry, push, WEIGHT } from '../support/weights.js';

/** A period without an end: its records are counted, but it contains all. */
const COUNTED = `${WEIGHT}?since=1900-01-01T00:00:00Z`;

describe.runIf(hasDatabase())('the total of a list of all records', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());
  afterEach(() => void vi.restoreAllMocks());

  const total = async (path: string): Promise<number> =>
    (await ada.get(path)).body['pagination'].total as number;

  const create = (minute: number) =>
    ada.post(WEIGHT, { weight_value: 80, unit: 'kg', timestamp: atMinute(minute).toISOString() });

  it('is the number of records after creations, changes, deletions and pushes at the same time', async () => {
    const random = seededRandom(chooseSeed());
    ada = (await app.api.register()).device('phone');
    const ids: string[] = [];
    for (let round = 0; round < 6; round++) {
      const made = await Promise.all(Array.from({ length: 6 }, (_, i) => create(round * 10 + i)));
      ids.push(...made.map(({ body }) => String(body['id'])));
      await Promise.all([
        // Of several deletions of one record, one is answered 204, and the others 404.
        ...[0, 1, 2].map(() => ada.delete(`${WEIGHT}/${ids[Math.floor(random() * ids.length)]}`)),
        ada.patch(`${WEIGHT}/${ids[Math.floor(random() * ids.length)]}`, { weight_value: 81, unit: 'kg' }),
        push(ada, entry(`${round}-a`, { timestamp: atMinute(900 + round).toISOString() })),
        push(ada, entry(`${round}-b`, { timestamp: atMinute(950 + round).toISOString() })),
      ]);
      expect(await total(WEIGHT)).toBe(await total(COUNTED));
    }
    expect(await total(WEIGHT)).toBeGreaterThan(18);
  });

  it('is read and not counted, so that a long list costs no more than a short one', async () => {
    ada = await app.api.register();
    await Promise.all([create(1), create(2)]);
    const counts: string[] = [];
    const real = app.db.rows.bind(app.db);
    vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = [], hasDoubles) => {
      if (sql.includes('COUNT') && sql.includes('weight_entries')) counts.push(sql);
      return (await real(sql, values, hasDoubles)) as never;
    });
    expect([await total(WEIGHT), counts.length]).toEqual([2, 0]);
    expect([await total(COUNTED), counts.length]).toEqual([2, 1]);
  });

  it('is counted when nothing is stored, and when something else has written records', async () => {
    ada = await app.api.register();
    await Promise.all([create(1), create(2), create(3)]);
    const store = (columns: string) =>
      change(app, `UPDATE user_sequences SET ${columns} WHERE user_id = ?`, [ada.userId]);
    await store('record_counts = NULL');
    expect(await total(WEIGHT)).toBe(3);
    // As an instance of an earlier version leaves it: the digests are right, and the counts are old.
    await store(`record_counts = '{"weight":[1,0]}'`);
    expect(await total(WEIGHT)).toBe(3);
    await create(4);
    expect([await total(WEIGHT), await total(COUNTED)]).toEqual([4, 4]);
    await insert(app, 'weight_entries', [weightRow(ada.userId, 1), weightRow(ada.userId, 2)]);
    expect([await total(WEIGHT), await total(COUNTED)]).toEqual([6, 6]);
  });

  it('is that of the person alone', async () => {
    ada = await app.api.register();
    await create(1);
    ada = await app.api.register();
    expect(await total(WEIGHT)).toBe(0);
  });
});
