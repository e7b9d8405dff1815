import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device, mealFields } from '../../support/sync.js';
import { bread as food, FOODS, type Json } from '../foods/support.js';
import { entered, recipe, RECIPES, servingOf, whole } from './support.js';

const MEALS = '/api/meals';

describe.runIf(hasDatabase())('recipes', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const add = async (fields: Json, person = ada): Promise<Json> => {
    const { status, body } = await person.post(RECIPES, recipe(fields));
    expect([status, body]).toEqual([201, body]);
    return body;
  };
  const faults = ({ status, body }: Answer) => [
    status,
    ...(body['errors'] ?? []).map(({ field }: Json) => field),
  ];
  /** Two items, of which only one knows fat, fibre and iron. */
  const half = {
    servings: 4,
    yield_g: 500,
    items: [
      entered({ energy_kcal: 300, protein_g: 0, fat_g: 10, nutrients: { fiber_g: 2, sodium_mg: 100 } }),
      entered({ energy_kcal: 100, protein_g: 8, carbs_g: null, nutrients: { sodium_mg: 60, iron_mg: null } }),
    ],
  };

  beforeAll(async () => {
    ada = await app.api.register();
  });

  it('have the sums of what is known, and how many items know it', async () => {
    const made = await add({ ...half, note: 'Rest it', instructions: 'Mix.\nBake.' });
    expect(made).toMatchObject({
      name: 'Dough',
      note: 'Rest it',
      instructions: 'Mix.\nBake.',
      servings: 4,
      yield_g: 500,
      item_count: 2,
      energy_kcal: 400,
      energy_known: 2,
      protein_g: 8,
      protein_known: 2,
      carbs_g: null,
      carbs_known: 0,
      fat_g: 10,
      fat_known: 1,
      nutrients: { fiber_g: { sum: 2, known: 1 }, sodium_mg: { sum: 160, known: 2 } },
    });
    expect((await ada.get(`${RECIPES}/${made['id']}`)).body).toEqual(made);
    const empty = await add({ name: 'Air' });
    expect(empty).toMatchObject({ item_count: 0, energy_kcal: null, energy_known: 0, nutrients: {} });
    const { data, pagination } = (await ada.get(RECIPES)).body;
    expect([data.map(({ id }: Json) => id), pagination.total]).toEqual([[empty['id'], made['id']], 2]);
  });

  it('fill an item with what all their items know', async () => {
    const made = await add(half);
    const items = [
      servingOf(made['id']),
      servingOf(made['id'], { servings: null, amount: 50, amount_unit: 'g' }),
      servingOf(made['id'], { servings: 0 }),
    ];
    const { status, body } = await ada.post(MEALS, mealFields({ items }));
    expect(status).toBe(201);
    const unknown = { carbs_g: null, fat_g: null };
    expect(body['items']).toEqual([
      { ...items[0], ...unknown, energy_kcal: 100, protein_g: 2, nutrients: { sodium_mg: 40 } },
      { ...items[1], ...unknown, energy_kcal: 40, protein_g: 0.8, nutrients: { sodium_mg: 16 } },
      { ...items[2], ...unknown, energy_kcal: 0, protein_g: 0, nutrients: { sodium_mg: 0 } },
    ]);
  });

  it('fill recipes too, which keep what they took', async () => {
    const flour = await ada.post(FOODS, food({ nutrients: { energy_kcal: 350, fiber_g: 3 } }));
    const gram = {
      name: 'Flour',
      quantity: 200,
      unit: 'g',
      food_id: flour.body['id'],
      amount: 200,
      amount_unit: 'g',
    };
    const dough = await add({ items: [gram], servings: 2 });
    expect(dough).toMatchObject({ energy_kcal: 700, nutrients: { fiber_g: { sum: 6, known: 1 } } });
    const bread = await add({ name: 'Bread', items: [servingOf(dough['id']), entered({ energy_kcal: 50 })] });
    expect(bread).toMatchObject({
      energy_kcal: 400,
      energy_known: 2,
      nutrients: { fiber_g: { sum: 3, known: 1 } },
    });
    const at = `${RECIPES}/${bread['id']}`;
    await ada.patch(`${RECIPES}/${dough['id']}`, { items: [] });
    expect((await ada.patch(at, { name: 'Toast', version: 1 })).body).toMatchObject({ energy_kcal: 400 });
    // The first item is stored with its values, the second is new.
    const { body } = await ada.patch(at, { items: [servingOf(dough['id']), servingOf(dough['id'])] });
    expect(body['items'].map(({ energy_kcal: energy }: Json) => energy)).toEqual([350, null]);
    await ada.delete(`${RECIPES}/${dough['id']}`);
    const kept = await ada.patch(at, { items: [servingOf(dough['id'])] });
    expect([kept.status, kept.body['energy_kcal']]).toEqual([200, 350]);
  });

  it('are not used when they are unknown, deleted, of another person, or may not be read', async () => {
    const made = await add(half);
    const items = [servingOf(made['id'])];
    const bob = await app.api.register();
    for (const path of [MEALS, RECIPES]) {
      const body = path === MEALS ? mealFields({ items }) : recipe({ items });
      expect(faults(await bob.post(path, body))).toEqual([422, 'items.0.recipe_id']);
      const key = await ada.post('/api/api-keys', {
        name: 'A program',
        scopes: ['meals:write', 'recipes:write', 'foods:read'],
      });
      const answer = await app.api.bearer(key.body['key']).post(path, body);
      expect(faults(answer)).toEqual([422, 'items.0.recipe_id']);
    }
    await ada.delete(`${RECIPES}/${made['id']}`);
    const gone = [...items, servingOf(randomUUID())];
    expect(faults(await ada.post(MEALS, mealFields({ items: gone })))).toEqual([
      422,
      'items.0.recipe_id',
      'items.1.recipe_id',
    ]);
    expect((await bob.get(RECIPES)).body['data']).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ['grams of an unknown yield', { servings: null, amount: 10, amount_unit: 'g' }, 'items.0.amount'],
    ['millilitres', { servings: null, amount: 10, amount_unit: 'ml' }, 'items.0.amount_unit'],
    ['no unit', { servings: null, amount: 10 }, 'items.0.amount_unit'],
    ['a negative number of servings', { servings: -1 }, 'items.0.servings'],
    ['more than an item can have', { servings: 100_000 }, 'items.0.servings'],
    ['a food as well', { food_id: randomUUID() }, 'items.0.recipe_id'],
    ['servings of nothing', { recipe_id: null }, 'items.0.servings'],
    ['a text as recipe', { recipe_id: 'dough' }, 'items.0.recipe_id'],
  ])('refuse an item with %s, by the name of the field', async (_, fields, field) => {
    const { id } = await add({ servings: 1, items: [entered({ energy_kcal: 90_000 })] });
    const answer = await ada.post(MEALS, mealFields({ items: [servingOf(id, fields)] }));
    expect(faults(answer)).toEqual([422, field]);
    if (field === 'items.0.amount') expect(JSON.stringify(answer.body)).toContain('yield_g');
  });

  it.each<[string, Json, string]>([
    ['no servings', { servings: undefined }, 'servings'],
    ['zero servings', { servings: 0 }, 'servings'],
    ['a yield of zero', { yield_g: 0 }, 'yield_g'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
    ['instructions that are too long', { instructions: 'x'.repeat(10_001) }, 'instructions'],
    ['too many items', { items: Array.from({ length: 51 }, () => entered({})) }, 'items'],
  ])('are refused with %s', async (_, fields, field) => {
    expect(faults(await ada.post(RECIPES, recipe(fields)))).toEqual([422, field]);
  });

  it('work by the requests of the guide', async () => {
    const guide = readFileSync('docs/nutrition.md', 'utf8').split('## Recipes')[1] ?? '';
    const requests = [...guide.matchAll(/```http\nPOST (\S+)\n\n(.*?)```/gs)].map(
      ([, path = '', text = '']) => [path, JSON.parse(text) as Json] as const,
    );
    const bob = await app.api.register();
    const nutrients = { energy_kcal: 368, protein_g: 13.5, fat_g: 7 };
    await bob.post(FOODS, food({ id: requests[0]?.[1]['items'][0].food_id, nutrients }));
    const [made, eaten] = [await bob.post(...requests[0]!), await bob.post(...requests[1]!)];
    expect(made.body).toMatchObject({ energy_kcal: 558, energy_known: 2, protein_g: 13.5, protein_known: 1 });
    expect(eaten.body['items']).toMatchObject([{ energy_kcal: 279, protein_g: null, fat_g: 8.75 }]);
  });

  it('come by sync as the app says, with the sums of what it says', async () => {
    const phone = await new Device(ada).ready();
    const known = await add(half);
    const items = [servingOf(known['id']), entered({ energy_kcal: 7 })];
    const [made, bad] = await phone.push(
      phone.create('recipe', whole({ items })),
      phone.create('recipe', whole({ items: [entered({ servings: 2 })] })),
    );
    expect([made?.['status'], bad?.['status'], bad?.['error'].field]).toEqual([
      'applied',
      'rejected',
      'fields.items.0.servings',
    ]);
    const { body } = await ada.get(`${RECIPES}/${made?.['id']}`);
    expect(body).toMatchObject({ items, item_count: 2, energy_kcal: 7, energy_known: 1 });
    const [partial] = await phone.push(phone.update({ ...body, kind: 'recipe' }, { servings: 5 }));
    expect(partial?.['status']).toBe('rejected');
  });
});
