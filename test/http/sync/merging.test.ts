import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, weightData, weightFields, type Wire } from '../../support/sync.js';
import {
  before,
  conflictsOf,
  everythingOf,
  liveOf,
  seenOf,
  shared,
  statusesOf,
  twoPhones,
} from './support.js';

const BOTH = [['first to last'], ['last to first']] as const;
const SAID = 'first to last';

describe.runIf(hasDatabase())('sync, concurrent edits', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  interface Scene {
    readonly a: Device;
    readonly b: Device;
    readonly record: Wire;
    readonly api: Device['api'];
  }
  /** Two phones that have a record. */
  async function scene(kind: string, fields?: Wire): Promise<Scene> {
    const { person, a, b } = await twoPhones(app.api);
    return { a, b, record: await shared(a, kind, fields), api: person };
  }
  /** Pushes each edit separately, in one order or the other. @returns results in the order of `edits`. */
  async function inOrder(order: string, edits: readonly (readonly [Device, Wire])[]): Promise<Wire[]> {
    const results: Wire[] = [];
    const places = edits.map((_, index) => index);
    for (const index of order === SAID ? places : places.toReversed()) {
      const [device, mutation] = edits[index]!;
      [results[index]] = (await device.push(mutation)) as [Wire];
    }
    return results;
  }
  const kg = (value: number): Wire => weightFields(value);
  const at = (milliseconds: number): Wire => ({ modified_at: before(milliseconds) });

  it.each(BOTH)('F31 of two edits of one weight the newer wins, the other is kept; %s', async (order) => {
    const { a, b, record, api } = await scene('weight');
    const edits = [
      [a, a.update(record, kg(80), at(60_000))],
      [b, b.update(record, kg(90), at(1_000))],
    ] as const;
    await inOrder(order, edits);
    expect((await seenOf(api, record['id']))?.['data']).toEqual(weightData(kg(90)));
    const [conflict, ...others] = await conflictsOf(api);
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      record_kind: 'weight',
      record_id: record['id'],
      reason: 'concurrent-edit',
      status: 'open',
      winner: { modified_by: 'b', data: kg(90), deleted: false },
      loser: { modified_by: 'a', data: kg(80), deleted: false },
    });
  });

  it.each(BOTH)('F31 the same for two edits of one group of a meal; %s', async (order) => {
    const { a, b, record, api } = await scene('meal');
    await inOrder(order, [
      [a, a.update(record, { title: 'Old' }, at(60_000))],
      [b, b.update(record, { title: 'New' }, at(1_000))],
    ]);
    expect((await seenOf(api, record['id']))?.['data']).toMatchObject({ title: 'New', note: null });
    expect(await conflictsOf(api)).toMatchObject([
      { status: 'open', winner: { data: { title: 'New' } }, loser: { data: { title: 'Old' } } },
    ]);
  });

  it.each(BOTH)('F32 at equal times the same one of two phones always wins; %s', async (order) => {
    const { a, b, record, api } = await scene('weight');
    const time = at(5_000);
    await inOrder(order, [
      [a, a.update(record, kg(80), time)],
      [b, b.update(record, kg(90), time)],
    ]);
    expect((await seenOf(api, record['id']))?.['data']).toEqual(weightData(kg(90)));
  });

  it.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'F32 at equal times the same phone wins, of three: %j',
    async (order) => {
      const { a, b, record, api } = await scene('meal');
      const c = await new Device(api, 'c').ready();
      const time = at(5_000);
      for (const index of order) {
        const device = [a, b, c][index]!;
        await device.push(device.update(record, { title: `by ${device.id}` }, time));
      }
      expect((await seenOf(api, record['id']))?.['data']).toMatchObject({ title: 'by c' });
    },
  );

  it.each(BOTH)(
    'F33 edits of different groups of a meal both take effect, without a conflict; %s',
    async (order) => {
      const { a, b, record, api } = await scene('meal');
      const results = await inOrder(order, [
        [a, a.update(record, { note: 'by a' }, at(60_000))],
        [b, b.update(record, { title: 'by b', meal_type: 'lunch' }, at(1_000))],
      ]);
      expect(statusesOf(results)).toEqual(['applied', 'applied']);
      const expected = { ...mealFields({ note: 'by a', title: 'by b', meal_type: 'lunch' }) };
      expect((await seenOf(api, record['id']))?.['data']).toMatchObject(expected);
      expect(await conflictsOf(api)).toEqual([]);
    },
  );

  it.each(BOTH)(
    'F33 edits that share one of several groups are merged, and their other groups take effect; %s',
    async (order) => {
      const { a, b, record, api } = await scene('meal');
      const results = await inOrder(order, [
        [a, a.update(record, { note: 'by a', title: 'by a' }, at(60_000))],
        [b, b.update(record, { title: 'by b', meal_type: 'snack' }, at(1_000))],
      ]);
      expect((await seenOf(api, record['id']))?.['data']).toMatchObject({
        note: 'by a',
        title: 'by b',
        meal_type: 'snack',
      });
      const late = results[order === SAID ? 1 : 0]!;
      expect(late).toMatchObject({ status: 'conflict', conflict_id: expect.any(String) });
      expect(late['record'].data).toMatchObject({ note: 'by a', title: 'by b', meal_type: 'snack' });
      expect(await conflictsOf(api)).toMatchObject([{ loser: { data: { title: 'by a' } } }]);
    },
  );

  it.each([
    ['weight', { weight_value: 80 }, ['fields.unit', 'fields.timestamp']],
    ['weight', { unit: 'lb' }, ['fields.weight_value', 'fields.timestamp']],
    ['meal', { eaten_at: '2026-01-07T07:30:00.000Z' }, ['fields.time_zone']],
    ['meal', { time_zone: 'Asia/Tokyo' }, ['fields.eaten_at']],
  ])(
    'F34 an incomplete group of a %s, %j, is refused, and the error names the missing field',
    async (kind, fields, missing) => {
      const { b, record, api } = await scene(kind);
      const unchanged = await everythingOf(api);
      const [result] = await b.push(b.update(record, fields));
      expect(result).toMatchObject({ status: 'rejected', error: { code: 'required' } });
      expect(missing).toContain(result?.['error'].field);
      expect(await everythingOf(api)).toEqual(unchanged);
    },
  );

  it.each(BOTH)('F34 value and unit of two phones never mix; %s', async (order) => {
    const { a, b, record, api } = await scene('weight');
    const pounds = { ...kg(176), unit: 'lb' };
    await inOrder(order, [
      [a, a.update(record, kg(80), at(60_000))],
      [b, b.update(record, pounds, at(1_000))],
    ]);
    expect((await seenOf(api, record['id']))?.['data']).toEqual(weightData(pounds));
  });

  describe.each(['weight', 'meal'])('deletion and edit of a %s', (kind) => {
    const edited = (): Wire => (kind === 'weight' ? kg(90) : { title: 'Edited' });

    it.each(BOTH)('F35 the edit is newer: it wins, without a conflict; %s', async (order) => {
      const { a, b, record, api } = await scene(kind);
      await inOrder(order, [
        [a, a.delete(record, at(60_000))],
        [b, b.update(record, edited(), at(1_000))],
      ]);
      expect((await seenOf(api, record['id']))?.['data']).toMatchObject(edited());
      expect(await conflictsOf(api)).toEqual([]);
    });

    it.each(BOTH)('F35 the deletion is newer: it wins, and the edit is kept; %s', async (order) => {
      const { a, b, record, api } = await scene(kind);
      await inOrder(order, [
        [a, a.update(record, edited(), at(60_000))],
        [b, b.delete(record, at(1_000))],
      ]);
      expect(await seenOf(api, record['id'])).toBeUndefined();
      expect(await conflictsOf(api)).toMatchObject([
        { reason: 'deleted', status: 'open', winner: { deleted: true }, loser: { data: edited() } },
      ]);
    });

    it.each(BOTH)('F35 at equal times the deletion wins; %s', async (order) => {
      const { a, b, record, api } = await scene(kind);
      const time = at(5_000);
      await inOrder(order, [
        [a, a.delete(record, time)],
        [b, b.update(record, edited(), time)],
      ]);
      expect(await seenOf(api, record['id'])).toBeUndefined();
    });
  });

  it.each(['weight', 'meal'])(
    'F37 an edit of an unknown %s is answered with "gone" and kept as a conflict',
    async (kind) => {
      const { a, person } = await twoPhones(app.api);
      const id = randomUUID();
      const fields = kind === 'weight' ? kg(80) : mealFields({ title: 'Lost' });
      const [result] = await a.push(a.update({ kind, id, version: 4 }, fields));
      expect(result).toMatchObject({ status: 'gone', conflict_id: expect.any(String) });
      expect(await conflictsOf(person)).toMatchObject([
        { record_id: id, reason: 'gone', base_version: 4, winner: null, loser: { data: fields } },
      ]);
      expect([...(await liveOf(person)).values()].map((change) => change['kind'])).toEqual(['conflict']);
      // Deleting a record that does not exist loses nothing.
      expect(await a.push(a.delete({ kind, id: randomUUID(), version: 1 }))).toMatchObject([
        { status: 'gone' },
      ]);
      expect(await conflictsOf(person)).toHaveLength(1);
    },
  );

  it.each(['weight', 'meal'])(
    'F38 a creation that is newer than the deletion restores a %s',
    async (kind) => {
      const { a, b, record, api } = await scene(kind);
      await a.push(a.delete(record, at(60_000)));
      const { cursor } = await drainSync(api);
      const fields = kind === 'weight' ? kg(81) : mealFields({ title: 'Again' });
      const stale = b.create(kind, fields, { id: record['id'], ...at(120_000) });
      expect(statusesOf(await b.push(stale))).not.toContain('applied');
      expect(await seenOf(api, record['id'])).toBeUndefined();
      const again = b.create(kind, fields, { id: record['id'], ...at(1_000) });
      expect(statusesOf(await b.push(again))).toEqual(['applied']);
      const { changes } = await drainSync(api, { cursor, kinds: kind });
      expect(changes.at(-1)).toMatchObject({ id: record['id'], deleted: false, data: fields });
    },
  );

  it('F48 an edit that does not name a field does not change it', async () => {
    const { b, record, api } = await scene('meal', mealFields({ note: 'kept', title: 'Old' }));
    await b.push(b.update(record, { title: 'New' }));
    expect((await seenOf(api, record['id']))?.['data']).toMatchObject(
      mealFields({ note: 'kept', title: 'New' }),
    );
    await b.push(b.update({ ...record, version: 2 }, { note: null }));
    expect((await seenOf(api, record['id']))?.['data']).toMatchObject({ note: null, title: 'New' });
  });

  it.each([
    ['of an unknown field', { title: 'x', colour: 'red' }, 'unknown-field', 'fields.colour'],
    ['of a derived field', { title: 'x', local_date: '2026-01-01' }, 'unknown-field', 'fields.local_date'],
    ['of nothing', {}, 'required', 'fields'],
    ['that empties what is needed', { meal_type: null }, expect.any(String), 'fields.meal_type'],
  ])('F48 an edit %s is refused', async (_, fields, code, field) => {
    const { b, record, api } = await scene('meal');
    const unchanged = await everythingOf(api);
    const [result] = await b.push(b.update(record, fields));
    expect(result).toMatchObject({ status: 'rejected', error: { code, field } });
    expect(await everythingOf(api)).toEqual(unchanged);
  });

  it('F31 the same edit by both phones is one edit, without a conflict', async () => {
    const { a, b, record, api } = await scene('weight');
    await a.push(a.update(record, kg(80), at(60_000)));
    expect(statusesOf(await b.push(b.update(record, kg(80), at(1_000))))).toEqual(['duplicate']);
    expect([await conflictsOf(api), (await seenOf(api, record['id']))?.['version']]).toEqual([[], 2]);
  });

  it('F38 an edit that restores a deleted record returns the whole record', async () => {
    const { a, b, record } = await scene('meal');
    await a.push(a.delete(record, at(1_000)));
    const [result] = await b.push(b.update({ ...record, version: 2 }, { note: 'late' }, at(60_000)));
    expect(result).toMatchObject({
      status: 'applied',
      version: 3,
      record: { version: 3, data: { note: 'late' } },
    });
    expect(result?.['modified_at']).toBe(result?.['record'].modified_at);
  });

  it('F14 a result says at which time the edit counts', async () => {
    const { a, record } = await scene('weight');
    const ahead = new Date(Date.now() + 365 * DAY).toISOString();
    const [result] = await a.push(a.update(record, kg(80), { modified_at: ahead }));
    expect(result).toMatchObject({ status: 'applied', clock_adjusted: true });
    expect(Date.parse(result?.['modified_at'])).toBeLessThanOrEqual(Date.now());
  });

  it('F15 an edit of the current version wins, a week old by its clock', async () => {
    const { a, b, record, api } = await scene('weight');
    await a.push(a.update(record, kg(80)));
    const causal = b.update({ ...record, version: 2 }, kg(90), { modified_at: before(7 * DAY) });
    expect(statusesOf(await b.push(causal))).toEqual(['applied']);
    expect((await seenOf(api, record['id']))?.['data']).toEqual(weightData(kg(90)));
    expect(await conflictsOf(api)).toEqual([]);
  });
});
