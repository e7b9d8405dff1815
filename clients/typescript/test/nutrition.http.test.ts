import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { food, meal, recipe } from '../src/definitions.generated.js';
import { createClient, type Hale } from '../src/hale.js';
import type { MealFields } from '../src/kinds.generated.js';
import { fillItem, mealDays, type MealItem, nutrients, scaleNutrients, sumItems } from '../src/nutrition.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { type Api, PASSWORD } from '../../../test/support/api.js';
import { TestApp } from '../../../test/support/app.js';
import { hasDatabase } from '../../../test/support/database.js';
import { chooseSeed } from '../../../test/support/random.js';
import type { Wire } from '../../../test/support/sync.js';

/** What an item or a recipe is made of. */
interface Share {
  readonly of: number;
  readonly isGrams: boolean;
  readonly amount: number;
}

const KEYS = [
  'energy_kcal',
  'energy_kj',
  'protein_g',
  'fat_g',
  'sodium_mg',
  'vit_b12_ug',
  'vit_a_ug_rae',
  'folate_ug_dfe',
];
const value = fc.option(fc.double({ min: 0, max: 50, noNaN: true }).map(Math.fround), { nil: undefined });
const foodOf = fc.record({
  basis: fc.constantFrom('per_100g' as const, 'per_100ml' as const),
  nutrients: fc.record(Object.fromEntries(KEYS.map((key) => [key, fc.oneof(value, fc.constant(null))]))),
});
const share = fc.record({ of: fc.nat(), isGrams: fc.boolean(), amount: fc.constantFrom(0, 0.1, 30, 250) });
const recipeOf = fc.record({
  servings: fc.constantFrom(1, 3, 0.5),
  yield_g: fc.constantFrom(null, 333.3),
  shares: fc.array(share, { maxLength: 4 }),
});
const mealOf = fc.record({
  hour: fc.nat({ max: 95 }),
  time_zone: fc.constantFrom('Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Niue'),
  shares: fc.array(share, { maxLength: 5 }),
});

describe.runIf(hasDatabase())('nutrition, from the copy of a phone', () => {
  let app: TestApp;
  let opened: Hale[] = [];
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterEach(async () => {
    for (const hale of opened) await hale.close();
    opened = [];
  });
  afterAll(() => app.stop());

  async function phone(person: Api, isOnline: () => boolean = () => true) {
    const hale = await createClient({
      url: app.url,
      storage: new MemoryStorage(),
      kinds: [food, meal, recipe],
      realtime: false,
      runtime: {
        fetch: (request: Request) =>
          isOnline() ? fetch(request) : Promise.reject(new TypeError('there is no connection')),
      },
    });
    opened.push(hale as unknown as Hale);
    await hale.login({ email: person.account['email'] as string, password: PASSWORD });
    return hale;
  }

  const stored = async (person: Api, path: string, body: Wire): Promise<Wire> => {
    const { status, body: answer } = await person.post(path, body);
    expect([status, answer]).toEqual([201, answer]);
    return answer;
  };
  /** An open item of a food or a recipe, in a unit that fits. */
  const openItem = ({ of, isGrams, amount }: Share, sources: readonly Wire[]): [MealItem, Wire] => {
    const from = sources[of % sources.length]!;
    const item = { name: 'Some', quantity: 1, unit: 'x' };
    if ('basis' in from) {
      const unit = from['basis'] === 'per_100g' ? 'g' : 'ml';
      return [{ ...item, food_id: from['id'], amount, amount_unit: unit }, from];
    }
    const byGrams = isGrams && from['yield_g'] !== null;
    const much = byGrams ? { amount, amount_unit: 'g' as const } : { servings: amount };
    return [{ ...item, recipe_id: from['id'], ...much }, from];
  };
  /** Sums of doubles depend on their order in the last digits. */
  const rounded = (shown: unknown): unknown =>
    JSON.parse(
      JSON.stringify(shown, (_, one: unknown) =>
        typeof one === 'number' ? Number(one.toPrecision(10)) : one,
      ),
    );

  it('fills items and sums as the service does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(foodOf, { minLength: 1, maxLength: 3 }),
        fc.array(recipeOf, { maxLength: 3 }),
        fc.array(mealOf, { minLength: 1, maxLength: 4 }),
        async (foods, recipes, meals) => {
          const person = await app.api.register();
          const sources: Wire[] = [];
          for (const one of foods)
            sources.push(await stored(person, '/api/foods', { name: 'Food', servings: [], ...one }));
          for (const { shares, ...one } of recipes) {
            const open = shares.map((part) => openItem(part, sources));
            const items = open.map(([item]) => item);
            const made = await stored(person, '/api/recipes', { name: 'Dish', ...one, items });
            const own = open.map(([item, from]) => fillItem(item, from as never));
            expect(own).toEqual(made['items']);
            expect(made).toMatchObject(sumItems(own));
            sources.push(made);
          }
          for (const { hour, time_zone, shares } of meals) {
            const open = shares.map((part) => openItem(part, sources));
            const eaten_at = new Date(Date.UTC(2026, 0, 5, hour)).toISOString();
            const items = open.map(([item]) => item);
            const fields = { eaten_at, time_zone, meal_type: 'other', items };
            const eaten = await stored(person, '/api/meals', fields);
            expect(open.map(([item, from]) => fillItem(item, from as never))).toEqual(eaten['items']);
          }
          const hale = await phone(person);
          await hale.sync();
          for (const [from, to] of [
            ['2026-01-01', '2026-01-31'],
            ['2026-01-06', '2026-01-06'],
          ] as const) {
            const { data } = (await person.get(`/api/meals/summary?from=${from}&to=${to}`)).body;
            const own = mealDays(await hale.records('meal').list(), { from, to });
            expect(rounded(own)).toEqual(rounded(data));
          }
        },
      ),
      { seed: chooseSeed(), numRuns: 12, verbose: 1 },
    );
  });

  it('counts what was entered without a connection, on the day that the service will say', async () => {
    const person = await app.api.register();
    let isOnline = true;
    const hale = await phone(person, () => isOnline);
    isOnline = false;
    const bread: MealItem = {
      name: 'Bread',
      quantity: 1,
      unit: 'slice',
      energy_kcal: 100,
      nutrients: { iron_mg: 1 },
    };
    const fields: MealFields = {
      eaten_at: '2026-01-06T22:30:00Z',
      time_zone: 'Asia/Tokyo',
      meal_type: 'snack',
      items: [bread],
    };
    const id = await hale.records('meal').create(fields);
    const days = async () =>
      mealDays(await hale.records('meal').list(), { from: '2026-01-01', to: '2026-12-31' });
    const [first] = await days();
    expect([first?.local_date, first?.energy_kcal]).toEqual(['2026-01-07', 100]);
    isOnline = true;
    await hale.sync();
    isOnline = false;
    await hale.records('meal').update(id, { eaten_at: '2026-01-08T10:00:00Z', items: [bread, bread] });
    const [offline, ...others] = await days();
    expect(others).toEqual([]);
    isOnline = true;
    await hale.sync();
    const { data } = (await person.get('/api/meals/summary?from=2026-01-01&to=2026-12-31')).body;
    expect([offline]).toEqual(data);
    expect(await days()).toEqual(data);
  });

  it('refuses what the service refuses, and leaves alone what has values', () => {
    const dish = { servings: 2, items: [] };
    const some: MealItem = {
      name: 'Some',
      quantity: 1,
      unit: 'x',
      recipe_id: 'r',
      amount: 5,
      amount_unit: 'g',
    };
    expect(() => fillItem(some, dish)).toThrow('amount needs the yield_g of the recipe');
    expect(() => fillItem({ ...some, amount_unit: 'ml' }, dish)).toThrow(
      'amount_unit must be g for a recipe',
    );
    const entered = { ...some, fat_g: 0 };
    expect(fillItem(entered, dish)).toBe(entered);
    expect(fillItem({ ...some, amount: null }, dish)).toEqual({ ...some, amount: null });
    expect(() => mealDays([], { from: '2026-01-01', to: '2027-01-02' })).toThrow('0 to 365 days');
    expect(() => mealDays([], { from: '2026-02-30', to: '2026-03-01' })).toThrow('from and to must be days');
  });

  it('scales foods, and lists the nutrients as the service does', async () => {
    expect(scaleNutrients({ energy_kj: 418.4, vit_b12_ug: 0.3, fat_g: null }, 10)).toEqual({
      energy_kj: 41.84,
      energy_kcal: 10,
      vit_b12_ug: 0.03,
    });
    const person = await app.api.register();
    const { data } = (await person.get('/api/foods/nutrients')).body;
    expect(data).toMatchObject(nutrients);
  });
});
