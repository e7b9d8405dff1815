import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { insert, meal as mealRow } from '../../support/rows.js';
import { Device, mealFields, type Wire } from '../../support/sync.js';
import { bread, FOODS } from '../foods/support.js';
import { liveOf } from '../sync/support.js';

const MEALS = '/api/meals';
const COPY = `${MEALS}/copy`;

/*
 * The invariants of copying a day.
 * C1 A copy counts for the day that was asked for, at the local time of its meal, also where the clock changes.
 * C2 A copy has the values of its meal; nothing is computed from foods again.
 * C3 All meals are copied or none.
 * C4 A repetition with one key copies once, however many requests arrive together.
 * C5 Only meals of the person are copied.
 */
describe.runIf(hasDatabase())('copying a day', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: { QUOTA_RECORDS_PER_KIND: '150' } });
  });
  afterAll(() => app.stop());

  const meal = async (person: Api, values: Wire = {}): Promise<Wire> => {
    const { status, body } = await person.post(MEALS, mealFields(values));
    expect([status, body['errors']]).toEqual([201, undefined]);
    return body;
  };
  const copy = async (person: Api, values: Wire): Promise<Wire[]> => {
    const { status, body } = await person.post(COPY, { from: '2026-01-06', to: '2026-01-07', ...values });
    expect([status, body['errors']]).toEqual([201, undefined]);
    return body['data'] as Wire[];
  };
  const refusal = ({ status, body }: Answer) => [status, body['errors']?.[0]?.field];
  const total = async (person: Api): Promise<number> => (await person.get(MEALS)).body['pagination'].total;
  const ENTERED = ['time_zone', 'meal_type', 'meal_type_id', 'title', 'note', 'items'];
  const entered = (one: Wire) => ENTERED.map((field) => one[field]);

  it('C1 keeps the local times and all that was entered, and is synced', async () => {
    const ada = await app.api.register();
    const dinner = await meal(ada, { eaten_at: '2026-01-06T18:30:12.345Z', meal_type: 'dinner', note: 'x' });
    const breakfast = await meal(ada);
    await meal(ada, { eaten_at: '2026-01-05T07:00:00Z' });
    const copies = await copy(ada, { to: '2026-07-07' });
    expect(copies.map((one) => [one['eaten_at'], one['local_date']])).toEqual([
      ['2026-07-07T06:30:00.000Z', '2026-07-07'],
      ['2026-07-07T17:30:12.345Z', '2026-07-07'],
    ]);
    expect(copies.map(entered)).toEqual([entered(breakfast), entered(dinner)]);
    expect(new Set(copies.map(({ version }) => version))).toEqual(new Set([1]));
    const live = await liveOf(ada);
    for (const { id, eaten_at } of copies) expect(live.get(String(id))?.['data']).toMatchObject({ eaten_at });
  });

  it.each([
    [
      'a time that is skipped',
      'Europe/Berlin',
      '2026-03-01T01:30:00Z',
      '2026-03-29',
      '2026-03-29T01:30:00.000Z',
    ],
    [
      'a time that occurs twice',
      'Europe/Berlin',
      '2026-03-01T01:30:00Z',
      '2026-10-25',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'a day that begins at one',
      'America/Santiago',
      '2026-03-01T03:30:00Z',
      '2026-09-06',
      '2026-09-06T04:30:00.000Z',
    ],
    [
      'half an hour of daylight',
      'Australia/Lord_Howe',
      '2026-02-28T15:15:00Z',
      '2026-10-04',
      '2026-10-03T15:45:00.000Z',
    ],
  ])('C1 moves %s as it must', async (_, time_zone, eaten_at, to, expected) => {
    const ada = await app.api.register();
    const { local_date: from } = await meal(ada, { eaten_at, time_zone });
    const [copied] = await copy(ada, { from, to });
    expect([copied?.['eaten_at'], copied?.['local_date']]).toEqual([expected, to]);
  });

  it('C1 takes another time zone, and refuses a day that it skipped', async () => {
    const ada = await app.api.register();
    await meal(ada, { eaten_at: '2026-01-06T07:30:00Z', time_zone: 'Europe/Berlin' });
    const [copied] = await copy(ada, { time_zone: 'America/New_York' });
    expect(copied).toMatchObject({
      eaten_at: '2026-01-07T13:30:00.000Z',
      time_zone: 'America/New_York',
      local_date: '2026-01-07',
    });
    const skipped = { from: '2026-01-06', to: '2011-12-30', time_zone: 'Pacific/Apia' };
    expect(refusal(await ada.post(COPY, skipped))).toEqual([422, 'to']);
    expect(await total(ada)).toBe(2);
  });

  it('C2 keeps values when the food has changed, items without values, and no meal type that is deleted', async () => {
    const ada = await app.api.register();
    const food = (await ada.post(FOODS, bread())).body['id'] as string;
    const open = { name: 'Bread', quantity: 1, unit: 'g', food_id: food, amount: 40, amount_unit: 'g' };
    const type = (await ada.post('/api/meal-types', { name: 'Tea' })).body['id'] as string;
    const first = await meal(ada, { items: [open], meal_type_id: type });
    const phone = await new Device(ada).ready();
    await phone.push(phone.create('meal', mealFields({ eaten_at: '2026-01-06T20:00:00Z', items: [open] })));
    await ada.patch(`${FOODS}/${food}`, { nutrients: { energy_kcal: 900 } });
    const [one, other] = await copy(ada, {});
    expect([one?.['items'], one?.['meal_type_id']]).toEqual([first['items'], type]);
    expect(other?.['items'][0].energy_kcal ?? null).toBeNull();
    await ada.delete(`/api/meal-types/${type}`);
    const [later] = await copy(ada, { to: '2026-01-08' });
    expect([later?.['items'], later?.['meal_type_id']]).toEqual([first['items'], null]);
  });

  it('C3 copies the meals that are chosen, and an empty day gives none', async () => {
    const ada = await app.api.register();
    const breakfast = await meal(ada);
    const snack = await meal(ada, { meal_type: 'snack', eaten_at: '2026-01-06T10:00:00Z' });
    const titles = (copies: Wire[]) => copies.map((one) => one['meal_type']);
    expect(titles(await copy(ada, { meal_types: ['snack', 'dinner'] }))).toEqual(['snack']);
    expect(titles(await copy(ada, { meal_ids: [String(breakfast['id']).toUpperCase()] }))).toEqual([
      'breakfast',
    ]);
    expect(await copy(ada, { from: '2020-01-01' })).toEqual([]);
    const wrong: [Wire, string][] = [
      [{ meal_ids: [breakfast['id'], randomUUID()] }, 'meal_ids'],
      [{ meal_ids: [snack['id']], meal_types: ['breakfast'] }, 'meal_ids'],
      [{ meal_ids: ['x'] }, 'meal_ids'],
      [{ meal_ids: [] }, 'meal_ids'],
      [{ meal_types: ['tea'] }, 'meal_types'],
      [{ to: '2026-01-06' }, 'to'],
      [{ to: '2026-02-30' }, 'to'],
      [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
      [{ items: [] }, 'items'],
    ];
    for (const [values, field] of wrong) {
      const answer = await ada.post(COPY, { from: '2026-01-06', to: '2026-01-09', ...values });
      expect([values, ...refusal(answer)]).toEqual([values, 422, field]);
    }
    expect(await total(ada)).toBe(4);
  });

  it('C3 copies nothing where the quota ends, of more than 100 meals, and of more than 512 KiB', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    const made = (count: number) =>
      Array.from({ length: count }, () => phone.create('meal', mealFields({ title: 'Many' })));
    await phone.push(...made(100));
    const day = { from: '2026-01-06', to: '2026-01-07' };
    const full = await ada.post(COPY, day);
    expect([full.status, full.body['type']]).toEqual([403, '/problems/quota-exceeded']);
    expect(await total(ada)).toBe(100);
    await phone.push(...made(1));
    expect(refusal(await ada.post(COPY, day))).toEqual([422, 'from']);
    const eve = await app.api.register();
    const items = JSON.stringify(
      Array.from({ length: 50 }, () => ({ name: 'n'.repeat(1_000), quantity: 1, unit: 'g' })),
    );
    const rows = Array.from({ length: 60 }, (_, index) => ({ ...mealRow(eve.userId, index), items }));
    await insert(app, 'meals', rows);
    expect(refusal(await eve.post(COPY, day))).toEqual([422, 'from']);
    expect([await total(ada), await total(eve)]).toEqual([101, 60]);
  });

  it('C4 a burst with one key copies once, and each without a key once more', async () => {
    const ada = await app.api.register();
    for (const hour of [6, 12, 18])
      await meal(ada, { eaten_at: `2026-01-06T${String(hour).padStart(2, '0')}:00:00Z` });
    const day = { from: '2026-01-06', to: '2026-01-07' };
    const keyed = ada.with({ 'idempotency-key': randomUUID() });
    const answers = await Promise.all(Array.from({ length: 8 }, () => keyed.post(COPY, day)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect([answers[0]?.status, answers[0]?.body['data'].length, await total(ada)]).toEqual([201, 3, 6]);
    const other = await keyed.post(COPY, { ...day, to: '2026-01-08' });
    expect(other.body['type']).toBe('/problems/idempotency-key-reused');
    await Promise.all([copy(ada, day), copy(ada, day)]);
    expect(await total(ada)).toBe(12);
  });

  it('C5 copies no meal of somebody else', async () => {
    const [ada, bob] = [await app.api.register(), await app.api.register()];
    const { id } = await meal(ada);
    expect(await copy(bob, {})).toEqual([]);
    const answer = await bob.post(COPY, { from: '2026-01-06', to: '2026-01-07', meal_ids: [id] });
    expect(refusal(answer)).toEqual([422, 'meal_ids']);
    expect([await total(ada), await total(bob)]).toEqual([1, 0]);
  });
});
