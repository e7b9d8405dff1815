import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SharedFoodsRepository } from '../../../src/modules/nutrition/foods/shared/shared-foods.repository.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed } from '../../support/random.js';
import { Device, mealFields } from '../../support/sync.js';
import { bread, FOODS, type Json, shared } from '../foods/support.js';

const MEALS = '/api/meals';

/** An item that takes its values from a food. */
const slice = (foodId: string, fields: Json = {}): Json => ({
  name: 'A slice',
  quantity: 1,
  unit: 'slice',
  food_id: foodId,
  amount: 40,
  amount_unit: 'g',
  ...fields,
});

const FOOD = { energy_kcal: 250, protein_g: 0, fiber_g: 5, sodium_mg: 400 };
/** 40 g of {@link FOOD}. */
const EATEN = { energy_kcal: 100, protein_g: 0, nutrients: { fiber_g: 2, sodium_mg: 160 } };

describe.runIf(hasDatabase())('items of a meal from foods', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const withBread = async (nutrients: Json = FOOD, fields: Json = {}) => {
    const ada = await app.api.register();
    const { body } = await ada.post(FOODS, bread({ nutrients, ...fields }));
    return { ada, food: String(body['id']) };
  };
  const fieldsOf = ({ status, body }: { status: number; body: Json }) => [
    status,
    ...(body['errors'] ?? []).map(({ field }: Json) => field),
  ];

  it('are filled with what the food says, and nothing else', async () => {
    const { ada, food } = await withBread();
    const { status, body } = await ada.post(MEALS, mealFields({ items: [slice(food)] }));
    expect(status).toBe(201);
    expect(body['items']).toEqual([{ ...slice(food), ...EATEN, carbs_g: null, fat_g: null }]);
    expect((await ada.get(`${MEALS}/${body['id']}`)).body['items']).toEqual(body['items']);
  });

  it('are filled by the request of the guide', async () => {
    const guide = readFileSync('docs/nutrition.md', 'utf8');
    const [, path = '', text = ''] = /```http\nPOST (\S+)\n\n(.*?)```/s.exec(guide) ?? [];
    const request = JSON.parse(text) as Json;
    const ada = await app.api.register();
    await ada.post(FOODS, bread({ id: request['items'][0].food_id, nutrients: FOOD }));
    const { status, body } = await ada.post(path, request);
    expect([status, body['items'][0].energy_kcal]).toEqual([201, 125]);
  });

  it('count kilojoules as kilocalories, and know that nothing is known', async () => {
    const { ada, food } = await withBread({ energy_kj: 1_046 });
    const { id: blank } = (await ada.post(FOODS, bread({ nutrients: {} }))).body;
    const { body } = await ada.post(MEALS, mealFields({ items: [slice(food), slice(blank)] }));
    expect(body['items']).toMatchObject([
      { energy_kcal: 100, nutrients: {} },
      { energy_kcal: null, protein_g: null, carbs_g: null, fat_g: null, nutrients: {} },
    ]);
  });

  it('are filled from a shared food, also for a key that may not read foods', async () => {
    const { ada, food } = await withBread();
    const store = app.app.get(SharedFoodsRepository);
    const ref = randomUUID();
    await store.store([shared(ref, { name: `Rice ${ref}` })]);
    const [row] = await app.db.rows<Json>('SELECT id FROM shared_foods WHERE source_ref = ?', [ref], false);
    const { body } = await ada.post('/api/api-keys', {
      name: 'A program',
      scopes: ['meals:read', 'meals:write'],
    });
    const key = app.api.bearer(body['key']);
    const items = [slice(row!['id'])];
    expect((await key.post(MEALS, mealFields({ items }))).body['items'][0].energy_kcal).toBe(40);
    const own = await key.post(MEALS, mealFields({ items: [...items, slice(food)] }));
    expect(fieldsOf(own)).toEqual([422, 'items.1.food_id']);
    // The id of the request is random, and may have these digits.
    expect(JSON.stringify({ ...own.body, request_id: '' })).not.toContain('250');
  });

  it('are not filled from a food of somebody else, or a deleted one', async () => {
    const { ada, food } = await withBread();
    const bob = await app.api.register();
    const theirs = await bob.post(MEALS, mealFields({ items: [slice(food)] }));
    expect(fieldsOf(theirs)).toEqual([422, 'items.0.food_id']);
    await ada.delete(`${FOODS}/${food}`);
    const items = [slice(food), slice(randomUUID())];
    const gone = await ada.post(MEALS, mealFields({ items }));
    expect(fieldsOf(gone)).toEqual([422, 'items.0.food_id', 'items.1.food_id']);
    expect((await ada.get(MEALS)).body['data']).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ['another unit', { amount_unit: 'ml' }, 'items.0.amount_unit'],
    ['no unit', { amount_unit: null }, 'items.0.amount_unit'],
    ['an unknown unit', { amount_unit: 'oz' }, 'items.0.amount_unit'],
    ['a negative amount', { amount: -1 }, 'items.0.amount'],
    ['more than an item can have', { amount: 100_000 }, 'items.0.amount'],
    ['a text as food', { food_id: 'bread' }, 'items.0.food_id'],
    ['an unknown nutrient', { nutrients: { fibre: 1 } }, 'items.0.nutrients.fibre'],
    ['a nutrient below zero', { nutrients: { fiber_g: -1 } }, 'items.0.nutrients.fiber_g'],
    ['energy among the others', { nutrients: { energy_kcal: 1 } }, 'items.0.nutrients.energy_kcal'],
  ])('are refused with %s, by the name of the field', async (_, fields, field) => {
    const { ada, food } = await withBread({ ...FOOD, energy_kcal: 900 });
    const answer = await ada.post(MEALS, mealFields({ items: [slice(food, fields)] }));
    expect(fieldsOf(answer)).toEqual([422, field]);
    expect((await ada.get(MEALS)).body['data']).toEqual([]);
  });

  it('keep what was eaten when the food changes or is deleted', async () => {
    const { ada, food } = await withBread();
    const { body: meal } = await ada.post(MEALS, mealFields({ items: [slice(food)] }));
    const at = `${MEALS}/${meal['id']}`;
    await ada.patch(`${FOODS}/${food}`, { nutrients: { energy_kcal: 500 } });
    expect((await ada.get(at)).body['items']).toEqual(meal['items']);
    const two = await ada.put(at, { items: [slice(food, { amount: 10 }), slice(food), slice(food)] });
    expect(two.body['items'].map((item: Json) => [item['energy_kcal'], item['nutrients']])).toEqual([
      [50, {}],
      [100, EATEN.nutrients],
      [200, {}],
    ]);
    await ada.delete(`${FOODS}/${food}`);
    const kept = await ada.put(at, { note: 'Later', items: [slice(food), slice(food, { amount: 10 })] });
    expect([kept.status, kept.body['items'].map((item: Json) => item['energy_kcal'])]).toEqual([
      200,
      [100, 50],
    ]);
    const whole = await ada.put(at, { items: kept.body['items'] });
    expect(whole.body['items']).toEqual(kept.body['items']);
  });

  it('of two updates at the same time are those that one after the other gives', async () => {
    const { ada, food } = await withBread();
    const { body: meal } = await ada.post(MEALS, mealFields({ items: [slice(food)] }));
    await ada.patch(`${FOODS}/${food}`, { nutrients: { energy_kcal: 500 } });
    const wanted = Array.from({ length: 12 }, (_, at) =>
      at % 3 === 0 ? [10] : at % 3 === 1 ? [40] : [40, 10, 40],
    );
    const answers = await Promise.all(
      wanted.map((amounts, at) =>
        ada.put(`${MEALS}/${meal['id']}`, {
          title: `Update ${at}`,
          items: amounts.map((amount) => slice(food, { amount })),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(wanted.map(() => 200));
    const shown = (items: Json[]) => items.map(({ amount, energy_kcal: energy }) => [amount, energy]);
    let before = shown(meal['items']);
    const inOrder = answers.map(({ body }) => body).toSorted((a, b) => a['version'] - b['version']);
    expect(inOrder.map(({ version }) => version)).toEqual(wanted.map((_, at) => at + 2));
    for (const { title, items } of inOrder) {
      const left = [...before];
      const expected = wanted[Number(title.split(' ')[1])]!.map((amount) => {
        const at = left.findIndex(([stored]) => stored === amount);
        return at < 0 ? [amount, amount * 5] : left.splice(at, 1)[0]!;
      });
      expect(shown(items)).toEqual(expected);
      before = expected;
    }
    expect(shown((await ada.get(`${MEALS}/${meal['id']}`)).body['items'])).toEqual(before);
  });

  it('are summed for as many days as the document says', async () => {
    const ada = await app.api.register();
    const summary = (to: string) => ada.get(`${MEALS}/summary?from=2026-01-01&to=${to}`);
    expect((await summary('2027-01-01')).status).toBe(200);
    expect(fieldsOf(await summary('2027-01-02'))).toEqual([422, 'to']);
  });

  it('are what exists when a request is repeated with its id', async () => {
    const { ada, food } = await withBread();
    const fields = mealFields({ id: randomUUID(), items: [slice(food)] });
    const first = await ada.post(MEALS, fields);
    await ada.delete(`${FOODS}/${food}`);
    const again = await ada.post(MEALS, fields);
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    const other = await ada.post(MEALS, { ...fields, items: [slice(food), { ...slice(food), ...EATEN }] });
    expect([other.status, other.body['type']]).toEqual([409, expect.stringContaining('id-taken')]);
  });

  it('are what the app says when they come by sync, or have any value', async () => {
    const { ada, food } = await withBread();
    const phone = await new Device(ada).ready();
    const items = [slice(food), slice(randomUUID(), { nutrients: { iron_mg: 1, zinc_mg: null } })];
    const [pushed] = await phone.push(phone.create('meal', mealFields({ items })));
    expect(pushed?.['status']).toBe('applied');
    const at = `${MEALS}/${pushed?.['id']}`;
    expect((await ada.get(at)).body['items']).toEqual(items);
    // What is unknown stays unknown, whether the food is there or not.
    expect((await ada.put(at, { items })).body['items']).toEqual(items);
    await ada.delete(`${FOODS}/${food}`);
    expect((await ada.put(at, { items })).body['items']).toEqual(items);
    const own = [slice(food, { fat_g: 0 }), slice(food, { nutrients: {} })];
    expect((await ada.post(MEALS, mealFields({ items: own }))).body['items']).toEqual(own);
  });

  it('are refused when they do not fit into their column, and stored when they are many', async () => {
    const ada = await app.api.register();
    const { data } = (await ada.get(`${FOODS}/nutrients`)).body;
    const names = data
      .map(({ key }: Json) => key)
      .filter((key: string) => !/^(energy|protein|carbs|fat)_/.test(key));
    const item = (value: number, name: string) => ({
      name,
      quantity: 1,
      unit: 'g',
      nutrients: Object.fromEntries(names.map((key: string) => [key, value])),
    });
    const filledWith = (...of: [number, string]) =>
      mealFields({ items: Array.from({ length: 50 }, () => item(...of)) });
    expect((await ada.post(MEALS, filledWith(12.345_678, '🍞'.repeat(60)))).status).toBe(201);
    const large = filledWith(12_345_678.123_456_78, '🍞'.repeat(100));
    expect(fieldsOf(await ada.post(MEALS, large))).toEqual([422, 'items']);
    const phone = await new Device(ada).ready();
    const [pushed] = await phone.push(phone.create('meal', large));
    expect(pushed?.['status']).toBe('rejected');
  });

  it('are summed by day over many meals, and old rows know nothing', async () => {
    const ada = await app.api.register();
    const phone = await new Device(ada).ready();
    const eaten = {
      time_zone: 'UTC',
      items: [{ name: 'A', quantity: 1, unit: 'g', nutrients: { iron_mg: 2 } }],
    };
    const days = Array.from({ length: 1_003 }, (_, i) => `2026-01-0${(i % 4) + 1}`);
    for (let at = 0; at < days.length; at += 100) {
      const some = days.slice(at, at + 100);
      await phone.push(
        ...some.map((day) => phone.create('meal', mealFields({ ...eaten, eaten_at: `${day}T12:00:00Z` }))),
      );
    }
    const { data } = (await ada.get(`${MEALS}/summary?from=2026-01-01&to=2026-01-04`)).body;
    expect(data.map(({ nutrients }: Json) => nutrients.iron_mg)).toEqual(
      [251, 251, 251, 250].map((known) => ({ sum: 2 * known, known })),
    );
    await app.app
      .get(UnitOfWork)
      .run(() => app.db.execute('UPDATE meals SET nutrient_sums = NULL WHERE user_id = ?', [ada.userId]));
    const old = (await ada.get(`${MEALS}/summary?from=2026-01-01&to=2026-01-04`)).body['data'];
    expect(old.map(({ nutrients }: Json) => nutrients)).toEqual([{}, {}, {}, {}]);
  });

  it('have sums without what the order of additions leaves behind', async () => {
    const ada = await app.api.register();
    const tenth = { name: 'A', quantity: 1, unit: 'g', protein_g: 0.1, nutrients: { iron_mg: 0.1 } };
    const at = { eaten_at: '2026-01-06T12:00:00Z', time_zone: 'UTC' };
    await ada.post(MEALS, mealFields({ ...at, items: Array.from({ length: 10 }, () => tenth) }));
    for (let made = 0; made < 10; made++) await ada.post(MEALS, mealFields({ ...at, items: [tenth] }));
    const [day] = (await ada.get(`${MEALS}/summary?from=2026-01-06&to=2026-01-06`)).body['data'];
    expect(day).toMatchObject({ protein_g: 2, nutrients: { iron_mg: { sum: 2, known: 20 } } });
  });

  it('have sums that equal the sums of what is stored, and never count the unknown', async () => {
    const value = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined });
    const nutrients = fc.record({
      energy_kcal: value,
      fat_g: fc.option(fc.integer({ min: 0, max: 50 }), { nil: null }),
      iron_mg: value,
      caffeine_mg: value,
    });
    const meal = fc.array(fc.tuple(nutrients, fc.constantFrom(0, 50, 100, 200)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(meal, { minLength: 1, maxLength: 3 }), async (all) => {
        const ada = await app.api.register();
        const stored: Json[] = [];
        for (const parts of all) {
          const items: Json[] = [];
          for (const [of, amount] of parts) {
            const food = await ada.post(FOODS, bread({ nutrients: of }));
            items.push(slice(food.body['id'], { amount }));
          }
          const fields = mealFields({ eaten_at: '2026-01-06T12:00:00Z', time_zone: 'UTC', items });
          const { status, body } = await ada.post(MEALS, fields);
          expect(status).toBe(201);
          for (const [at, [of, amount]] of parts.entries())
            for (const [name, per100] of Object.entries(of)) {
              const item = body['items'][at];
              const got = item[name] ?? item['nutrients'][name] ?? null;
              expect([name, got]).toEqual([name, per100 == null ? null : (per100 * amount) / 100]);
            }
          stored.push(...body['items']);
        }
        const [day] = (await ada.get(`${MEALS}/summary?from=2026-01-06&to=2026-01-06`)).body['data'];
        const sumOf = (known: number[]) => known.reduce((a, b) => a + b, 0);
        const of = (name: string) => stored.flatMap((item) => item['nutrients']?.[name] ?? []);
        const fields = (name: string) => stored.flatMap((item) => item[name] ?? []);
        expect([day['energy_kcal'], day['energy_known']]).toEqual([
          fields('energy_kcal').length === 0 ? null : sumOf(fields('energy_kcal')),
          fields('energy_kcal').length,
        ]);
        const expected = ['iron_mg', 'caffeine_mg']
          .map((name) => [name, { sum: sumOf(of(name)), known: of(name).length }] as const)
          .filter(([, { known }]) => known > 0);
        expect(day['nutrients']).toEqual(Object.fromEntries(expected));
      }),
      { seed: chooseSeed(), numRuns: 15, verbose: 1 },
    );
  });
});
