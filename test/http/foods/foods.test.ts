import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { Device } from '../../support/sync.js';
import { bread, FOODS, type Json } from './support.js';

describe.runIf(hasDatabase())('foods', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  it('keeps what is unknown unknown, and a zero zero', async () => {
    const ada = await app.api.register();
    const nutrients = { energy_kcal: 250, protein_g: 0, sugars_g: null };
    const { body } = await ada.post(FOODS, bread({ nutrients }));
    expect(body['nutrients']).toEqual(nutrients);
    expect(body['energy_kcal']).toBe(250);
    const nothing = await ada.post(FOODS, bread({ nutrients: {} }));
    expect(nothing.body).toMatchObject({ nutrients: {}, energy_kcal: null });
    expect((await ada.get(`${FOODS}/${nothing.body['id']}`)).body).toEqual(nothing.body);
  });

  it('returns energy as it was entered, and kilocalories beside it', async () => {
    const ada = await app.api.register();
    const { body } = await ada.post(FOODS, bread({ nutrients: { energy_kj: 1_046 } }));
    expect(body).toMatchObject({ nutrients: { energy_kj: 1_046 }, energy_kcal: 250 });
    const zero = await ada.post(FOODS, bread({ nutrients: { energy_kj: 0 } }));
    expect(zero.body['energy_kcal']).toBe(0);
  });

  it('stores one barcode in one form', async () => {
    const ada = await app.api.register();
    for (const barcode of ['036000291452', '0036000291452', '00036000291452'])
      expect((await ada.post(FOODS, bread({ barcode }))).body['barcode']).toBe('00036000291452');
    const phone = await new Device(ada).ready();
    const [made] = await phone.push(phone.create('food', bread({ barcode: '036000291452' })));
    expect(made?.['status']).toBe('applied');
    expect((await ada.get(`${FOODS}/${made?.['id']}`)).body['barcode']).toBe('00036000291452');
  });

  it.each<[string, Json, string, RegExp]>([
    ['a wrong check digit', { barcode: '4006381333932' }, 'barcode', /check digit/],
    ['a barcode of ten digits', { barcode: '4006381333' }, 'barcode', /8, 12, 13 or 14 digits/],
    ['a serving of zero grams', { servings: [serving({ amount: 0 })] }, 'servings.0.amount', /at least/],
    ['a serving in another unit', { servings: [serving({ unit: 'ml' })] }, 'servings.0.unit', /must be g/],
    ['two default servings', { servings: [serving(), serving()] }, 'servings', /exactly one/],
    ['no default serving', { servings: [serving({ is_default: false })] }, 'servings', /exactly one/],
    ['more than its mass', { nutrients: { fat_g: 100.1 } }, 'nutrients.fat_g', /at most 100 per 100 g/],
    ['less than nothing', { nutrients: { fat_g: -1 } }, 'nutrients.fat_g', /at least 0/],
    ['an unknown nutrient', { nutrients: { fat: 1 } }, 'nutrients.fat', /./],
    ['a text for a number', { nutrients: { fat_g: '1' } }, 'nutrients.fat_g', /number/],
    ['no name', { name: '' }, 'name', /./],
    ['21 servings', { servings: Array.from({ length: 21 }, () => serving()) }, 'servings', /20/],
  ])('refuses %s, and names it', async (_, fields, field, message) => {
    const ada = await app.api.register();
    const { status, body } = await ada.post(FOODS, bread(fields));
    expect([status, body['errors']?.[0].field]).toEqual([422, field]);
    expect(body['errors'][0].message).toMatch(message);
    expect((await ada.get(FOODS)).body['data']).toEqual([]);
    const phone = await new Device(ada).ready();
    const [pushed] = await phone.push(phone.create('food', bread(fields)));
    expect(pushed?.['status']).toBe('rejected');
  });

  it('accepts more than 100 g of sugar in 100 ml of syrup', async () => {
    const ada = await app.api.register();
    const syrup = { basis: 'per_100ml', nutrients: { carbs_g: 110 }, servings: [serving({ unit: 'ml' })] };
    const { status, body } = await ada.post(FOODS, bread(syrup));
    expect(status).toBe(201);
    const change = await ada.patch(`${FOODS}/${body['id']}`, { basis: 'per_100g' });
    expect(change.body['errors'].map(({ field }: Json) => field)).toEqual([
      'nutrients.carbs_g',
      'servings.0.unit',
    ]);
  });

  it('lists, changes and deletes the foods of one person only', async () => {
    const [ada, bob] = [await app.api.register(), await app.api.register()];
    const { id } = (await ada.post(FOODS, bread())).body;
    for (const answer of [
      await bob.get(`${FOODS}/${id}`),
      await bob.patch(`${FOODS}/${id}`, { name: 'Mine' }),
      await bob.delete(`${FOODS}/${id}`),
    ])
      expect(answer.status).toBe(404);
    expect((await bob.get(FOODS)).body['data']).toEqual([]);
    expect((await ada.patch(`${FOODS}/${id}`, { name: 'Rye bread' })).body['name']).toBe('Rye bread');
    expect((await ada.get(FOODS)).body['data']).toMatchObject([{ id, name: 'Rye bread' }]);
    expect((await ada.delete(`${FOODS}/${id}`)).status).toBe(204);
    expect((await ada.get(FOODS)).body['data']).toEqual([]);
  });

  it('lists every nutrient that a food may have', async () => {
    const ada = await app.api.register();
    const { data } = (await ada.get(`${FOODS}/nutrients`)).body;
    const all = Object.fromEntries(data.map(({ key, maximum }: Json) => [key, maximum]));
    expect(Object.keys(all)).toHaveLength(31);
    const { status, body } = await ada.post(FOODS, bread({ id: randomUUID(), nutrients: all }));
    expect([status, body['nutrients']]).toEqual([201, all]);
  });
});

const serving = (fields: Json = {}): Json => ({
  label: 'Slice',
  amount: 40,
  unit: 'g',
  is_default: true,
  ...fields,
});
