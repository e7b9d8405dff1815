import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { SharedFoodsRepository } from '../../../src/modules/nutrition/foods/shared/shared-foods.repository.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { bread, FOODS, type Json, shared } from './support.js';

describe.runIf(hasDatabase())('the search for foods', () => {
  let app: TestApp;
  let ada: Api;
  let store: SharedFoodsRepository;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register();
    store = app.app.get(SharedFoodsRepository);
    await store.store([
      shared('1', { name: 'Crème brûlée', brand: 'Zlatko' }),
      shared('2', { name: 'Zebra milk chocolate' }),
      shared('3', { name: 'Zebra chocolate with milk and nuts' }),
      shared('4', { name: 'Zebra milkshake' }),
      shared('5', { name: 'Oat zz 3.5 %', otherName: 'Haferdrink für Zebras' }),
      shared('6', { name: 'A la zebra', barcode: '00036000291452' }),
    ]);
  });
  afterAll(() => app.stop());

  const find = async (q: string, api = ada): Promise<string[]> => {
    const { status, body } = await api.get(`${FOODS}/search?q=${encodeURIComponent(q)}&limit=50`);
    expect([q, status]).toEqual([q, 200]);
    return body['data'].map(({ name }: Json) => name);
  };

  it.each<[string, string[]]>([
    [
      'zebra',
      [
        'A la zebra',
        'Oat zz 3.5 %',
        'Zebra chocolate with milk and nuts',
        'Zebra milk chocolate',
        'Zebra milkshake',
      ],
    ],
    ['zebra milk', ['Zebra milk chocolate', 'Zebra milkshake', 'Zebra chocolate with milk and nuts']],
    ['milk zebra choc', ['Zebra milk chocolate', 'Zebra chocolate with milk and nuts']],
    ['CREME BRULEE', ['Crème brûlée']],
    ['crème zlat', ['Crème brûlée']],
    ['haferdrink fur', ['Oat zz 3.5 %']],
    ['zz 5 3', ['Oat zz 3.5 %']],
    ['a la zeb', ['A la zebra']],
    ['milks zebra', []],
    ['+zebra -milk', ['Zebra milk chocolate', 'Zebra milkshake', 'Zebra chocolate with milk and nuts']],
    ['zebra" OR name:* (%_) milkshake*', []],
    ['"zebra" (milkshake)*', ['Zebra milkshake']],
    ['zebra zebra milkshake', ['Zebra milkshake']],
  ])('"%s"', async (q, names) => {
    expect((await find(q)).toSorted()).toEqual(names.toSorted());
  });

  it('finds by one letter, and at most as many as were asked for', async () => {
    const { body } = await ada.get(`${FOODS}/search?q=z&limit=3`);
    expect(body['data']).toHaveLength(3);
  });

  it('puts the exact name first, then what begins with it', async () => {
    await store.store([
      shared('r1', { name: 'Quorba soup with quince' }),
      shared('r2', { name: 'Quince jam' }),
      shared('r3', { name: 'Quince' }),
    ]);
    expect(await find('quince')).toEqual(['Quince', 'Quince jam', 'Quorba soup with quince']);
  });

  it('finds foods of one’s own first, and never those of others', async () => {
    const [eve, bob] = [await app.api.register(), await app.api.register()];
    const barcode = '036000291452';
    await eve.post(FOODS, bread({ name: 'Zebra pie', brand: 'Éclat', barcode }));
    const own = (await bob.post(FOODS, bread({ name: 'My zebra', barcode }))).body;
    expect((await find('zebra', bob))[0]).toBe('My zebra');
    expect(await find('zebra', bob)).not.toContain('Zebra pie');
    expect(await find('eclat pie', bob)).toEqual([]);
    expect(await find('zebra', ada)).not.toContain('My zebra');
    const scan = async (api: Api, code: string): Promise<Json[]> =>
      (await api.get(`${FOODS}/barcode/${code}`)).body['data'];
    const zebra = { name: 'A la zebra', origin: 'shared' };
    for (const code of ['036000291452', '0036000291452', '00036000291452']) {
      expect(await scan(bob, code)).toMatchObject([{ id: own.id, origin: 'own' }, zebra]);
      expect(await scan(ada, code)).toMatchObject([zebra]);
    }
    await bob.delete(`${FOODS}/${own.id}`);
    expect(await find('zebra', bob)).not.toContain('My zebra');
    expect(await scan(bob, barcode)).toMatchObject([zebra]);
  });

  it('an import that renames a food moves it in the index', async () => {
    await store.store([shared('m', { name: 'Xylocopa old' })]);
    const [id] = (await ada.get(`${FOODS}/search?q=xylocopa`)).body['data'].map((one: Json) => one['id']);
    expect(await store.store([shared('m', { name: 'Xylocopa fresh' })])).toBe(0);
    expect(await find('xylocopa old')).toEqual([]);
    expect(await find('xylocopa fres')).toEqual(['Xylocopa fresh']);
    expect((await ada.get(`${FOODS}/shared/${id}`)).body).toMatchObject({ id, name: 'Xylocopa fresh' });
  });

  it('finds foods of every chunk, the common words in the first', async () => {
    const many = Array.from({ length: 3_000 }, (_, at) =>
      shared(`c${at}`, { name: `Yak ${at % 2 ? 'odd' : 'even'} y${at}` }),
    );
    for (const at of [0, 1_000, 2_000]) await store.store(many.slice(at, at + 1_000));
    // As if 40 000 foods had been imported between.
    await change(app, 'UPDATE shared_food_places SET next = next + ? WHERE id = 1', [40_000]);
    await store.store([shared('far', { name: 'Yak even farthest' })]);
    expect(await find('yak')).toHaveLength(50);
    expect(await find('yak even far')).toEqual(['Yak even farthest']);
    expect(await find('farthest yak')).toEqual(['Yak even farthest']);
    expect(await find('yak odd y2999')).toEqual(['Yak odd y2999']);
    expect(await find('odd even')).toEqual([]);
  });

  it.each<[string, string]>([
    ['q=%2B%2B', 'q'],
    ['q=', 'q'],
    ['', 'q'],
    [`q=${'x'.repeat(101)}`, 'q'],
    ['q=a&limit=51', 'limit'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await ada.get(`${FOODS}/search?${query}`);
    expect([status, body['errors']?.[0].field]).toEqual([422, field]);
  });

  it('refuses a barcode with a wrong check digit, and knows none that it does not have', async () => {
    const wrong = await ada.get(`${FOODS}/barcode/4006381333932`);
    expect([wrong.status, wrong.body['errors'][0].field]).toEqual([422, 'gtin']);
    expect(wrong.body['errors'][0].message).toContain('check digit');
    expect((await ada.get(`${FOODS}/barcode/4006381333931`)).body['data']).toEqual([]);
  });

  it('nobody changes a shared food', async () => {
    const [{ id }] = (await ada.get(`${FOODS}/search?q=creme+brulee`)).body['data'];
    for (const path of [`${FOODS}/${id}`, `${FOODS}/shared/${id}`])
      for (const answer of [await ada.patch(path, { name: 'Mine' }), await ada.delete(path)])
        expect([404, 405]).toContain(answer.status);
    // A food of one's own may have the same id, and is another food.
    expect((await ada.post(FOODS, bread({ id, name: 'Own brulee' }))).status).toBe(201);
    expect((await ada.get(`${FOODS}/shared/${id}`)).body['name']).toBe('Crème brûlée');
    await ada.delete(`${FOODS}/${id}`);
  });

  it('a new server has the starter set, with its attribution', async () => {
    const [food] = (await ada.get(`${FOODS}/search?q=croissant&limit=1`)).body['data'];
    expect(food).toMatchObject({
      name: 'Croissant',
      origin: 'shared',
      source: 'ciqual',
      source_licence: 'Etalab-2.0',
      attribution: 'Anses. 2020. Ciqual French food composition table',
      energy_kcal: 375,
    });
  });
});
