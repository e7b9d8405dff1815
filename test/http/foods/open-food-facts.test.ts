import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { bread, FOODS, type Json } from './support.js';

/** As Open Food Facts answers `GET /api/v2/product/3017624010701.json`. */
const SPREAD = {
  code: '3017624010701',
  status: 1,
  status_verbose: 'product found',
  product: {
    code: '3017624010701',
    product_name: 'Nocciolina ',
    generic_name: '',
    brands: 'Ferrari,Ferro',
    categories: 'Breakfasts,Spreads,Sweet spreads',
    lang: 'fr',
    nutrition_data_per: '100g',
    product_quantity_unit: 'g',
    serving_size: '15 g',
    serving_quantity: '15',
    serving_quantity_unit: 'g',
    nutriments: {
      'energy-kcal': 539,
      'energy-kcal_100g': 539,
      'energy-kcal_unit': 'kcal',
      'energy-kj_100g': '2252',
      energy_100g: 2252,
      energy_unit: 'kJ',
      fat_100g: 30.9,
      'saturated-fat_100g': 10.6,
      carbohydrates_100g: 57.5,
      sugars_100g: '56.3',
      proteins_100g: 6.3,
      fiber_100g: '',
      salt_100g: 0.107,
      sodium_100g: 0.0428,
      'vitamin-c_100g': 0.012,
      calcium_100g: -1,
      iron_100g: 'traces',
      potassium_100g: 1_000,
      'nova-group': 4,
      'fruits-vegetables-legumes-estimate-from-ingredients_100g': 13,
    },
  },
};
const CODE = '3017624010701';
const GTIN = '03017624010701';

describe.runIf(hasDatabase())('barcodes at Open Food Facts', () => {
  const asked: string[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  const json = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  let app: TestApp;
  let ada: Api;
  let clock: TestClock;
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  beforeEach(async () => {
    clock = new TestClock();
    const { port } = server.address() as AddressInfo;
    app = await TestApp.start({
      override: clock.install,
      env: { OPEN_FOOD_FACTS_URL: `http://127.0.0.1:${port}` },
    });
    ada = await app.api.register();
    asked.length = 0;
  });
  afterEach(() => app.stop());
  afterAll(() => new Promise((done) => void server.close(done)));

  const scan = async (code = CODE, api = ada): Promise<Json> => {
    const { status, body } = await api.get(`${FOODS}/barcode/${code}`);
    expect(status).toBe(200);
    return body;
  };
  /** The only food with this barcode. */
  const find = async (code = CODE, api = ada): Promise<Json> => {
    const { data } = await scan(code, api);
    expect(data).toHaveLength(1);
    return data[0];
  };

  it('reads a product, and keeps what is unknown unknown', async () => {
    answer = json(200, SPREAD);
    const body = await find();
    expect(body).toMatchObject({
      origin: 'shared',
      name: 'Nocciolina',
      brand: 'Ferrari',
      barcode: GTIN,
      basis: 'per_100g',
      category: 'Breakfasts',
      language: 'fr',
      source: 'off',
      source_ref: GTIN,
      source_licence: 'ODbL-1.0',
      attribution: 'Open Food Facts contributors, https://openfoodfacts.org',
      energy_kcal: 539,
      servings: [{ label: '15 g', amount: 15, unit: 'g', is_default: true }],
    });
    // No text, no negative number, and no kilogram in 100 g becomes a value; nor does what is missing become zero.
    expect(body['nutrients']).toEqual({
      energy_kcal: 539,
      energy_kj: 2252,
      protein_g: 6.3,
      carbs_g: 57.5,
      sugars_g: 56.3,
      fat_g: 30.9,
      saturated_g: 10.6,
      sodium_mg: 42.8,
      vit_c_mg: 12,
    });
    expect(asked[0]).toMatch(/^\/api\/v2\/product\/3017624010701\.json\?fields=/);
  });

  it('asks once for a product: later it is a shared food, which the search finds', async () => {
    answer = json(200, SPREAD);
    const bob = await app.api.register();
    const answers = await Promise.all([find(), find(GTIN), find(CODE, bob)]);
    expect(answers[1]).toEqual(answers[0]);
    expect(await scan()).toEqual({ data: [answers[2]], open_food_facts: 'not_asked' });
    expect(asked).toHaveLength(1);
    const { data } = (await bob.get(`${FOODS}/search?q=nocc`)).body;
    expect(data.map(({ id }: Json) => id)).toEqual([answers[0]?.['id']]);
  });

  it('has salt for sodium, and a drink per 100 ml', async () => {
    const nutriments = { energy_100g: 180, salt_100g: '0.25', sugars_100g: 0 };
    const product = {
      product_name: 'Cola',
      nutrition_data_per: '100ml',
      serving_size: '1 can (33 ml)',
      nutriments,
    };
    answer = json(200, { status: 1, product });
    const body = await find();
    expect(body).toMatchObject({ basis: 'per_100ml', energy_kcal: 43.02, brand: null });
    expect(body['nutrients']).toEqual({ energy_kj: 180, sodium_mg: 100, sugars_g: 0 });
    expect(body['servings']).toEqual([{ label: '1 can (33 ml)', amount: 33, unit: 'ml', is_default: true }]);
  });

  it.each<[string, number, unknown]>([
    ['status 0', 200, { code: CODE, status: 0, status_verbose: 'no code or invalid code' }],
    ['404', 404, { code: CODE, status: 0, status_verbose: 'product not found' }],
    ['a product without a name', 200, { status: 1, product: { nutriments: {} } }],
  ])('remembers for a day that a product is unknown: %s', async (_, status, body) => {
    answer = json(status, body);
    for (let round = 0; round < 3; round++)
      expect(await scan()).toEqual({ data: [], open_food_facts: 'unknown' });
    expect(asked).toHaveLength(1);
    clock.advance(25 * 3_600_000);
    answer = json(200, SPREAD);
    const later = await app.api.register();
    expect((await scan(CODE, later))['open_food_facts']).toBe('found');
    expect(asked).toHaveLength(2);
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['an error', json(500, {})],
    ['too many requests', json(429, {})],
    ['a closed connection', (_, response) => void response.destroy()],
  ])('says so, and leaves the server alone for a while, after %s', async (_, failing) => {
    answer = failing;
    const nothing = { data: [], open_food_facts: 'unavailable' };
    expect(await scan()).toEqual(nothing);
    answer = json(200, SPREAD);
    expect(await scan('96385074')).toEqual(nothing);
    expect(asked).toHaveLength(1);
    clock.advance(31_000);
    expect((await scan())['open_food_facts']).toBe('found');
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['no JSON', (_, response) => void response.end('<html>')],
    ['another form', json(200, { status: 1 })],
    ['null', json(200, null)],
    ['a redirect', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['more than it should', (_, response) => void response.end(`{"a":"${'x'.repeat(400_000)}"}`)],
  ])('says so, and asks for other products meanwhile, after %s', async (_, failing) => {
    answer = failing;
    const nothing = { data: [], open_food_facts: 'unavailable' };
    expect(await scan()).toEqual(nothing);
    answer = json(200, { ...SPREAD, product: { ...SPREAD.product, code: '96385074' } });
    expect((await scan('96385074'))['open_food_facts']).toBe('found');
    expect(await scan()).toEqual(nothing);
    expect(asked).toHaveLength(2);
    clock.advance(11_000);
    answer = json(200, SPREAD);
    expect((await scan())['open_food_facts']).toBe('found');
  });

  it('stores no product of another barcode', async () => {
    answer = json(200, SPREAD);
    expect(await scan('96385074')).toEqual({ data: [], open_food_facts: 'unknown' });
    expect(await find()).toMatchObject({ barcode: GTIN });
  });

  it('reads a product whose members have other types', async () => {
    const product = { ...SPREAD.product, lang: { toString: 1 }, product_quantity_unit: [], nutriments: null };
    answer = json(200, { status: 1, product });
    expect(await find()).toMatchObject({ language: null, nutrients: {} });
  });

  it('looks up a product again after 90 days, and keeps what it has when that fails', async () => {
    answer = json(200, SPREAD);
    const { id } = await find();
    clock.advance(91 * 86_400_000);
    answer = json(500, {});
    const bob = await app.api.register();
    expect(await scan(CODE, bob)).toMatchObject({
      data: [{ id, name: 'Nocciolina' }],
      open_food_facts: 'unavailable',
    });
    clock.advance(31_000);
    answer = json(200, { ...SPREAD, product: { ...SPREAD.product, product_name: 'Renamed' } });
    expect(await find(CODE, bob)).toMatchObject({ id, name: 'Renamed' });
  });

  it('is not asked for a food of one’s own, nor for a wrong barcode', async () => {
    await ada.post(FOODS, bread({ barcode: CODE }));
    expect((await find())['origin']).toBe('own');
    expect((await ada.get(`${FOODS}/barcode/3017624010702`)).status).toBe(422);
    expect(asked).toEqual([]);
  });
});

describe.runIf(hasDatabase())('without Open Food Facts', () => {
  it('no barcode leaves the service', async () => {
    const app = await TestApp.start();
    const ada = await app.api.register();
    const { body } = await ada.get(`${FOODS}/barcode/${CODE}`);
    expect(body).toEqual({ data: [], open_food_facts: 'not_asked' });
    await app.stop();
  });
});
