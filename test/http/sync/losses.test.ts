import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { type Device, mealFields, weightFields, type Wire } from '../../support/sync.js';
import { before, conflictsOf, seenOf, shared, statusesOf, twoPhones } from './support.js';

const SECOND = 1_000;
const at = (seconds: number): Wire => ({ modified_at: before(seconds * SECOND) });
const kg = (value: number): Wire => weightFields(value);

describe.runIf(hasDatabase())('sync, values that nobody may lose', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  /** Every value that is in the record or in a conflict. */
  async function keptOf({ api }: Device, record: Wire, member: string): Promise<unknown[]> {
    const live = await seenOf(api, record['id']);
    const losers = (await conflictsOf(api)).map(({ loser }) => loser.data?.[member]);
    return [live?.['data'][member], ...losers].filter((value) => value != null);
  }

  it.each(['one request', 'two requests'])(
    'a meal deleted and made again by a slow clock, in %s',
    async (how) => {
      const { a, b } = await twoPhones(app.api);
      const made = b.create('meal', mealFields({ title: 'old' }));
      const [{ version } = {}] = await b.push(made);
      const meal = { kind: 'meal', id: made['id'], version };
      const gone = a.delete(meal, at(30));
      const again = a.create('meal', mealFields({ title: 'new' }), { id: meal.id, ...at(29) });
      if (how === 'one request') await a.push(gone, again);
      else for (const mutation of [gone, again]) await a.push(mutation);
      expect((await seenOf(a.api, meal.id))?.['data']).toMatchObject({ title: 'new' });
      expect(await conflictsOf(a.api)).toEqual([]);
    },
  );

  it('a creation whose own deletion no longer decides is kept as a conflict', async () => {
    const { a, b } = await twoPhones(app.api);
    const meal = await shared(b, 'meal', mealFields({ title: 'old' }));
    await a.push(a.delete(meal, at(30)));
    await b.push(b.update(meal, { title: 'other' }, at(10)));
    await a.push(a.create('meal', mealFields({ title: 'new' }), { id: meal['id'], ...at(29) }));
    expect(await keptOf(a, meal, 'title')).toEqual(['other', 'new']);
  });

  describe('an edit on top of a waiting one has the base of the first', () => {
    it.each(['weight', 'meal'])('so what was pulled below them is kept, of a %s', async (kind) => {
      const { a, b } = await twoPhones(app.api);
      const member = kind === 'weight' ? 'weight_value' : 'title';
      const said = (value: number) => (kind === 'weight' ? kg(value) : { title: `${value}` });
      const record = await shared(a, kind, kind === 'weight' ? kg(80) : mealFields({ title: '80' }));
      await a.push(a.update(record, said(100), at(20)));
      const results = await b.push(b.update(record, said(90), at(40)), b.update(record, said(91), at(10)));
      expect(statusesOf(results)).toEqual(['conflict', 'conflict']);
      const kept = (await keptOf(a, record, member)).map(Number);
      expect(kept.toSorted((one, other) => one - other)).toEqual([90, 91, 100]);
      expect(kept[0]).toBe(91);
    });

    it('also when the second is a deletion', async () => {
      const { a, b } = await twoPhones(app.api);
      const record = await shared(a, 'weight', kg(80));
      await a.push(a.update(record, kg(100), at(20)));
      await b.push(b.update(record, kg(90), at(40)), b.delete(record, at(10)));
      expect(await keptOf(a, record, 'weight_value')).toEqual(expect.arrayContaining([90, 100]));
    });
  });

  it('the copy that a restored server lost is kept against later edits that had not seen it', async () => {
    const { a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight', kg(80));
    const lost = b.update(record, kg(100), { ...at(20), unseen: true });
    const { base_version: _, ...waiting } = b.update(record, kg(90), at(10));
    const results = await b.push(lost, waiting);
    expect(statusesOf(results)).toEqual(['applied', 'conflict']);
    expect(await keptOf(a, record, 'weight_value')).toEqual([90, 100]);
  });

  /** Every order in which the edits of each phone keep their order. */
  const orders = (left: number, right: number): string[] =>
    left === 0 || right === 0
      ? ['a'.repeat(left) + 'b'.repeat(right)]
      : [
          ...orders(left - 1, right).map((rest) => `a${rest}`),
          ...orders(left, right - 1).map((rest) => `b${rest}`),
        ];

  type Said = readonly ['delete' | 'create' | 'update', number];
  const outcomeOf = async (kind: string, order: string, edits: Record<string, readonly Said[]>) => {
    const { a, b } = await twoPhones(app.api);
    const record = await shared(a, kind);
    const stamps = [0, 1, 2, 3].map((ms) => before(5_000 - ms));
    const waiting = Object.entries({ a, b }).map(([name, device]) => {
      const mutations = (edits[name] ?? []).map(([op, time], index) => {
        const when = { modified_at: stamps[time] };
        if (op === 'delete') return device.delete(record, when);
        const fields = kind === 'weight' ? kg(90 + index) : mealFields({ title: `${name}${index}` });
        return op === 'create'
          ? device.create(kind, fields, { id: record['id'], base_version: record['version'], ...when })
          : device.update(record, fields, when);
      });
      return [name, { device, mutations }] as const;
    });
    const phones = new Map(waiting);
    for (const name of order) {
      const { device, mutations } = phones.get(name)!;
      await device.push(mutations.shift()!);
    }
    return (await seenOf(a.api, record['id']))?.['data'] ?? 'deleted';
  };

  it.each([
    [
      'weight',
      {
        a: [
          ['delete', 1],
          ['create', 1],
        ],
        b: [['delete', 1]],
      },
    ],
    [
      'meal',
      {
        a: [
          ['delete', 1],
          ['create', 1],
        ],
        b: [['delete', 1]],
      },
    ],
    [
      'weight',
      {
        a: [
          ['update', 2],
          ['update', 1],
        ],
        b: [
          ['update', 2],
          ['delete', 1],
        ],
      },
    ],
    [
      'meal',
      {
        a: [
          ['update', 2],
          ['update', 1],
        ],
        b: [
          ['update', 2],
          ['delete', 1],
        ],
      },
    ],
  ] as const)(
    'F32 edits of a %s in the same millisecond end alike in every order: %j',
    async (kind, edits) => {
      const all = orders(edits.a.length, edits.b.length);
      const outcomes = [];
      for (const order of all) outcomes.push(await outcomeOf(kind, order, edits));
      for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
    },
  );
});
