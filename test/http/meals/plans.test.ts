import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, mealFields, type Wire } from '../../support/sync.js';
import { bread, FOODS } from '../foods/support.js';

const PLANS = '/api/meal-plans';
const MEALS = '/api/meals';
const BERLIN = { local_date: '2026-01-07', time_zone: 'Europe/Berlin' };

/*
 * The invariants of meal plans.
 * P1 A plan is nothing that was eaten: no list, sum or recent food has it.
 * P2 By REST its open items are filled when it is stored, and never later; by sync it is stored as it was sent.
 * P3 Logging it makes all its meals on the day, with its values, or none.
 * P4 A repetition with one key logs once.
 * P5 Wrong input is refused with the name of the meal and the item, and stores nothing.
 */
describe.runIf(hasDatabase())('meal plans', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ env: { QUOTA_RECORDS_PER_KIND: '20' } });
  });
  afterAll(() => app.stop());

  const item = (values: Wire = {}): Wire => ({ name: 'Bread', quantity: 1, unit: 'g', ...values });
  const slice = (food: string, values: Wire = {}): Wire =>
    item({ food_id: food, amount: 40, amount_unit: 'g', ...values });
  const meal = (local_time: string, ...items: Wire[]): Wire => ({ meal_type: 'snack', local_time, items });
  const plan = (...meals: Wire[]): Wire => ({ name: 'Training day', meals });
  const created = async (person: Api, path: string, fields: Wire): Promise<Wire> => {
    const { status, body } = await person.post(path, fields);
    expect([path, status, body['errors']]).toEqual([path, 201, undefined]);
    return body;
  };
  const withFood = async (): Promise<{ ada: Api; food: string }> => {
    const ada = await app.api.register();
    return { ada, food: (await created(ada, FOODS, bread()))['id'] as string };
  };
  const log = async (person: Api, id: unknown, values: Wire = {}): Promise<Wire[]> =>
    (await created(person, `${PLANS}/${String(id)}/log`, { ...BERLIN, ...values }))['data'] as Wire[];
  const refusal = ({ status, body }: Answer) => [
    status,
    ...((body['errors'] ?? []) as Wire[]).map(({ field }) => field),
  ];
  const total = async (person: Api, path = MEALS): Promise<number> =>
    (await person.get(path)).body['pagination'].total;

  it('P1 is nothing that was eaten, before it is logged', async () => {
    const { ada, food } = await withFood();
    const { id } = await created(ada, PLANS, plan(meal('08:00', slice(food))));
    const sums = `${MEALS}/summary?from=2026-01-01&to=2026-01-31`;
    const seen = async () => [
      await total(ada),
      (await ada.get(sums)).body['data'].length,
      (await ada.get('/api/foods/recent')).body['data'].length,
    ];
    expect(await seen()).toEqual([0, 0, 0]);
    await log(ada, id);
    expect(await seen()).toEqual([1, 1, 1]);
    expect((await ada.get(sums)).body['data'][0]).toMatchObject({
      local_date: '2026-01-07',
      energy_kcal: 100,
    });
  });

  it('P2 has the values of its foods as they were, until an item is another one', async () => {
    const { ada, food } = await withFood();
    const stored = await created(
      ada,
      PLANS,
      plan(meal('08:00', slice(food), item()), meal('12:00', slice(food))),
    );
    const energies = ({ meals }: Wire) =>
      meals.map(({ items }: Wire) => items.map((one: Wire) => one['energy_kcal'] ?? null));
    expect(energies(stored)).toEqual([[100, null], [100]]);
    await ada.patch(`${FOODS}/${food}`, { nutrients: { energy_kcal: 500 } });
    const at = `${PLANS}/${stored['id']}`;
    const renamed = await ada.patch(at, { name: 'Long run' });
    expect([renamed.body['name'], energies(renamed.body)]).toEqual(['Long run', [[100, null], [100]]]);
    const meals = [meal('09:00', slice(food)), meal('12:00', slice(food), slice(food, { amount: 20 }))];
    const changed = await ada.patch(at, { meals });
    expect([changed.status, energies(changed.body)]).toEqual([200, [[100], [100, 100]]]);
    expect((await log(ada, stored['id'])).map(({ items }) => items)).toEqual(
      changed.body['meals'].map(({ items }: Wire) => items),
    );
    const phone = await new Device(ada).ready();
    const sent = phone.create('meal_plan', plan(meal('08:00', slice(food))));
    expect(await phone.push(sent)).toMatchObject([{ status: 'applied' }]);
    const [open] = await log(ada, sent['id']);
    expect(open?.['items'][0].energy_kcal ?? null).toBeNull();
  });

  it('P3 makes its meals on the day, in local time, also where the clock changes', async () => {
    const ada = await app.api.register();
    const type = (await created(ada, '/api/meal-types', { name: 'Tea' }))['id'] as string;
    const fields = plan(
      { ...meal('20:00', item()), meal_type: 'dinner', title: 'Late' },
      { ...meal('02:30', item({ energy_kcal: 5 })), meal_type_id: type },
    );
    const { id } = await created(ada, PLANS, fields);
    const meals = await log(ada, id, { local_date: '2026-03-29' });
    expect(meals).toMatchObject([
      {
        eaten_at: '2026-03-29T01:30:00.000Z',
        local_date: '2026-03-29',
        meal_type: 'snack',
        meal_type_id: type,
      },
      {
        eaten_at: '2026-03-29T18:00:00.000Z',
        meal_type: 'dinner',
        title: 'Late',
        note: null,
        meal_type_id: null,
      },
    ]);
    expect(new Set(meals.map(({ time_zone }) => time_zone))).toEqual(new Set(['Europe/Berlin']));
    await ada.delete(`/api/meal-types/${type}`);
    expect(await log(ada, id)).toMatchObject([{ meal_type_id: null }, { meal_type_id: null }]);
    // The plan still names it, and can be changed; another plan cannot name it.
    const { meals: kept } = (await ada.patch(`${PLANS}/${id}`, { meals: fields['meals'] })).body;
    expect(kept[1].meal_type_id).toBe(type);
    expect(refusal(await ada.post(PLANS, fields))).toEqual([422, 'meals.1.meal_type_id']);
    await ada.delete(`${PLANS}/${id}`);
    expect((await ada.get(`${MEALS}/${meals[0]?.['id']}`)).status).toBe(200);
  });

  it('P3 makes no meal where the quota ends, on a day that was skipped, or of a plan that is gone', async () => {
    const ada = await app.api.register();
    const { id } = await created(ada, PLANS, plan(meal('08:00', item()), meal('12:00', item())));
    for (let count = 0; count < 19; count++) await created(ada, MEALS, mealFields());
    const full = await ada.post(`${PLANS}/${id}/log`, BERLIN);
    expect([full.status, full.body['type'], await total(ada)]).toEqual([403, '/problems/quota-exceeded', 19]);
    const skipped = { local_date: '2011-12-30', time_zone: 'Pacific/Apia' };
    expect(refusal(await ada.post(`${PLANS}/${id}/log`, skipped))).toEqual([422, 'local_date']);
    const bob = await app.api.register();
    expect((await bob.post(`${PLANS}/${id}/log`, BERLIN)).status).toBe(404);
    await ada.delete(`${PLANS}/${id}`);
    expect((await ada.post(`${PLANS}/${id}/log`, BERLIN)).status).toBe(404);
    const { id: empty } = await created(ada, PLANS, plan());
    expect(await log(ada, empty)).toEqual([]);
    expect([await total(ada), await total(bob)]).toEqual([19, 0]);
  });

  it('P4 a burst with one key logs once', async () => {
    const ada = await app.api.register();
    const { id } = await created(ada, PLANS, plan(meal('08:00', item()), meal('12:00', item())));
    const keyed = ada.with({ 'idempotency-key': randomUUID() });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => keyed.post(`${PLANS}/${id}/log`, BERLIN)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect([answers[0]?.status, await total(ada)]).toEqual([201, 2]);
    await log(ada, id);
    expect(await total(ada)).toBe(4);
  });

  it('P5 names the meal and the item that are wrong', async () => {
    const { ada, food } = await withFood();
    const good = meal('08:00', slice(food), slice(food));
    const wrong: [Wire, string][] = [
      [plan(good, meal('12:00', item(), slice(randomUUID()))), 'meals.1.items.1.food_id'],
      [plan(good, meal('12:00', slice(food, { amount_unit: 'ml' }))), 'meals.1.items.0.amount_unit'],
      [plan(good, meal('25:00')), 'meals.1.local_time'],
      [plan(good, meal('12:00', item({ servings: 1 }))), 'meals.1.items.0.servings'],
      [plan(good, meal('12:00', slice(food, { recipe_id: randomUUID() }))), 'meals.1.items.0.recipe_id'],
      [plan({ ...good, meal_type: 'tea' }), 'meals.0.meal_type'],
      [plan({ ...good, meal_type_id: randomUUID() }), 'meals.0.meal_type_id'],
      [plan({ ...good, eaten_at: '2026-01-06T08:00:00Z' }), 'meals.0.eaten_at'],
      [plan(...Array.from({ length: 13 }, () => meal('08:00'))), 'meals'],
      [
        plan(
          ...Array.from({ length: 12 }, () =>
            meal('08:00', ...Array.from({ length: 50 }, () => item({ name: '🍞'.repeat(100) }))),
          ),
        ),
        'meals',
      ],
      [{ name: 'No meals' }, 'meals'],
    ];
    for (const [fields, field] of wrong) {
      const answer = await ada.post(PLANS, fields);
      expect([field, ...refusal(answer)]).toEqual([field, 422, field]);
      expect(answer.body['errors'][0].message).toContain(field.split('.').at(-1));
    }
    expect(await total(ada, PLANS)).toBe(0);
    const { id } = await created(ada, PLANS, plan(good));
    const bad = await ada.patch(`${PLANS}/${id}`, { meals: [good, meal('12:00', slice(randomUUID()))] });
    expect(refusal(bad)).toEqual([422, 'meals.1.items.0.food_id']);
    for (const [values, field] of [
      [{ local_date: '2026-02-30' }, 'local_date'],
      [{ time_zone: 'Mars' }, 'time_zone'],
    ] as const)
      expect(refusal(await ada.post(`${PLANS}/${id}/log`, { ...BERLIN, ...values }))).toEqual([422, field]);
    expect([(await ada.get(`${PLANS}/${id}`)).body['version'], await total(ada)]).toEqual([1, 0]);
  });
});
