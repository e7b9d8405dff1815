import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { type Device, mealFields, weightFields, type Wire } from '../../support/sync.js';
import { everythingOf, liveOf, seenOf, statusesOf, twoPhones } from './support.js';

const UUID = '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10';

describe.runIf(hasDatabase())('sync, too large and malformed requests', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.stop());

  const post = (device: Device, body: unknown) => device.api.post('/api/sync/push', body);
  const envelope = (device: Device, values: Wire = {}): Wire => ({
    client_id: device.id,
    epoch: device.epoch,
    mutations: [device.create('weight', weightFields())],
    ...values,
  });
  /** The body with one handmade mutation. */
  const byHand = (device: Device, mutation: string): string =>
    JSON.stringify(envelope(device, { mutations: ['?'] })).replace('"?"', () => mutation);
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  it.each([
    ['101 mutations', { mutations: Array.from({ length: 101 }, () => ({})) }, 422],
    ['no mutations', { mutations: [] }, 422],
    ['mutations that are no list', { mutations: { 0: {} } }, 422],
    ['no client_id', { client_id: undefined }, 422],
    ['a client_id of 65', { client_id: 'x'.repeat(65) }, 422],
    ['an empty client_id', { client_id: '' }, 422],
    ['a client_id with a NUL', { client_id: 'a\u0000' }, 422],
    ['a client_id of another alphabet', { client_id: '📱' }, 422],
    ['an epoch that is no text', { epoch: 1 }, 422],
    ['an epoch of 17', { epoch: 'x'.repeat(17) }, 422],
    ['an epoch of emoji', { epoch: '💥' }, 409],
    ['a client_time that is none', { client_time: 'now' }, 422],
    ['a cursor of 1001', { cursor: 'x'.repeat(1_001) }, 422],
    ['an unknown member', { colour: 'red' }, 422],
  ])('F55 %s', async (_, values, status) => {
    const { person, a } = await twoPhones(app.api);
    const unchanged = await everythingOf(person);
    expect((await post(a, envelope(a, values))).status).toBe(status);
    expect(await everythingOf(person)).toEqual(unchanged);
  });

  it('F55 no epoch from a device that has pushed before', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(a.create('weight', weightFields()));
    const unchanged = await everythingOf(person);
    const { status, body } = await post(a, envelope(a, { epoch: undefined }));
    expect([status, body.errors]).toEqual([
      422,
      [{ field: 'epoch', code: 'required', message: 'epoch is required after the first push of a device' }],
    ]);
    expect(await everythingOf(person)).toEqual(unchanged);
  });

  it.each([
    ['a body of 1 MiB and more', `{"mutations":"${'x'.repeat(1_048_577)}"}`, [413]],
    ['no JSON', '{"mutations":[', [400]],
    ['NaN', '{"mutations":[NaN]}', [400]],
    ['nothing', '', [400, 422]],
    ['a list', '[]', [400, 422]],
    ['__proto__', '{"__proto__":{"admin":true},"mutations":[]}', [400, 422]],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}},"mutations":[]}', [400, 422]],
    ['depth 10 000', `{"mutations":${nested(10_000)}}`, [400, 422]],
    ['depth 400 000', `{"mutations":${nested(400_000)}}`, [400, 413, 422]],
  ])('F55 %s is refused', async (_, text, statuses) => {
    const { a } = await twoPhones(app.api);
    expect(statuses).toContain((await post(a, text)).status);
  });

  it.each([
    ['a mutation', (deep: string) => deep],
    ['fields', (deep: string) => `{"kind":"meal","op":"create","id":"${UUID}","fields":{"items":${deep}}}`],
  ])('F55 depth in %s refuses the body, and nothing overflows', async (_, around) => {
    const { person, a } = await twoPhones(app.api);
    for (const depth of [10_000, 100_000])
      expect((await post(a, byHand(a, around(nested(depth))))).status).toBe(400);
    expect((await liveOf(person)).size).toBe(0);
  });

  it.each([
    ['fields', (device: Device) => device.create('weight', { ...weightFields(), constructor: 1 })],
    ['a mutation', (device: Device) => ({ ...device.create('weight', weightFields()), constructor: {} })],
    ['a mutation, named', (device: Device) => ({ constructor: { name: 'x' }, op: device.id })],
  ])('F55 `constructor` in %s refuses the body', async (_, mutation) => {
    const { person, a } = await twoPhones(app.api);
    expect((await post(a, envelope(a, { mutations: [mutation(a)] }))).status).toBe(400);
    expect((await liveOf(person)).size).toBe(0);
  });

  it('F55 a compressed body is not decompressed', async () => {
    const { person } = await twoPhones(app.api);
    const response = await fetch(`${app.url}/api/sync/push`, {
      method: 'POST',
      headers: { ...person.headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(20_000_000, ' ')),
    });
    expect([400, 413, 415]).toContain(response.status);
  });

  it.each([
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"x"'],
    ['a list', '[]'],
    ['nothing in it', '{}'],
    ['1e309', '{"client_seq":1e309}'],
    ['a client_seq of -1', '{"client_seq":-1}'],
    ['a client_seq of 2^53', '{"client_seq":9007199254740992}'],
    ['a fraction for a client_seq', '{"client_seq":1.5}'],
    ['an id of 10 000', `{"id":"${'a'.repeat(10_000)}"}`],
    ['a kind of 10 000', `{"kind":"${'a'.repeat(10_000)}"}`],
    ['hasOwnProperty as a kind', '{"kind":"hasOwnProperty"}'],
  ])('F55 a mutation that is %s is one result, and the next one applies', async (_, text) => {
    const { person, a } = await twoPhones(app.api);
    const good = a.create('weight', weightFields());
    const { status, body } = await post(a, byHand(a, `${text},${JSON.stringify(good)}`));
    expect([status, body['results']?.length]).toEqual([200, 2]);
    expect(body['results'][0].status).toBe('rejected');
    expect(body['results'][0].error.field.length).toBeLessThanOrEqual(64);
    expect([...(await liveOf(person)).keys()]).toEqual([good['id']]);
  });

  const valid = { mutation_id: UUID, client_seq: 1, kind: 'weight', id: UUID, op: 'create' };
  it.each([
    [{ mutation_id: 'x' }, 'mutation_id'],
    [{ mutation_id: null }, 'mutation_id'],
    [{ id: 'x' }, 'id'],
    [{ op: 'upsert' }, 'op'],
    [{ kind: 'mood' }, 'kind'],
    [{ kind: 'weight\u0000' }, 'kind'],
    [{ kind: '😀'.repeat(40) }, 'kind'],
    [{ base_version: -1 }, 'base_version'],
    [{ base_version: 2_147_483_648 }, 'base_version'],
    [{ modified_at: 'x' }, 'modified_at'],
    [{ modified_at: undefined }, 'modified_at'],
    [{ group_id: 'x' }, 'group_id'],
    [{ colour: 1 }, 'colour'],
    [{ ['x'.repeat(5_000)]: 1 }, 'x'.repeat(64)],
    [{ ['😀'.repeat(5_000)]: 1 }, '😀'.repeat(32)],
    [{ fields: null }, 'fields.weight_value'],
    [{ fields: [] }, 'fields'],
    [{ fields: { ...weightFields(), ['y'.repeat(5_000)]: 1 } }, `fields.${'y'.repeat(57)}`],
    [{ fields: { ...weightFields(), weight_value: '75' } }, 'fields.weight_value'],
    [{ fields: { ...weightFields(), weight_value: 1e308 } }, 'fields.weight_value'],
    [{ fields: { ...weightFields(), unit: { toString: 'kg' } } }, 'fields.unit'],
    [{ fields: { ...weightFields(), hasOwnProperty: 1 } }, 'fields.hasOwnProperty'],
    [{ kind: 'meal', fields: mealFields({ title: 'x'.repeat(201) }) }, 'fields.title'],
    [
      { kind: 'meal', fields: mealFields({ items: Array(51).fill(mealFields()['items'][0]) }) },
      'fields.items',
    ],
    [{ kind: 'meal', fields: mealFields({ time_zone: 'Mars/Olympus' }) }, 'fields.time_zone'],
  ])('F55 a mutation with %j is refused by name, now and on the retry', async (values, field) => {
    const { person, a } = await twoPhones(app.api);
    const mutation = { ...valid, modified_at: new Date().toISOString(), fields: weightFields(), ...values };
    for (let attempt = 1; attempt <= 2; attempt++) {
      const { status, body } = await post(a, envelope(a, { mutations: [mutation] }));
      expect([status, body['results'][0]]).toMatchObject([200, { status: 'rejected', error: { field } }]);
    }
    expect((await liveOf(person)).size).toBe(0);
  });

  it.each(['\u0000', 'a\u0000b', '💥👩‍👩‍👧‍👦', '\ud800', "'; DROP TABLE meals; --", 'ﷺ'.repeat(50), '\u202e'])(
    'F55 the text %j comes back as it is, or is refused',
    async (text) => {
      const { person, a } = await twoPhones(app.api);
      const made = a.create(
        'meal',
        mealFields({ title: text, items: [{ name: text, quantity: 1, unit: 'g' }] }),
      );
      const [result] = await a.push(made);
      const stored = (await seenOf(person, made['id']))?.['data'];
      if (result?.['status'] === 'rejected') expect(stored).toBeUndefined();
      else expect([stored.title, stored.items[0].name]).toEqual([text, text]);
      expect(statusesOf(await a.push(a.create('weight', weightFields())))).toEqual(['applied']);
    },
  );

  it('F55 an id in upper and lower case is the same id', async () => {
    const { person, a } = await twoPhones(app.api);
    const made = a.create('weight', weightFields(70));
    await a.push(made);
    const upper = { ...made, id: made['id'].toUpperCase(), mutation_id: made['mutation_id'].toUpperCase() };
    const { status, body } = await a.send([upper, a.update({ ...upper, version: 1 }, weightFields(71))]);
    expect([status, statusesOf(body['results'])]).toEqual([200, ['duplicate', 'applied']]);
    expect([...(await liveOf(person)).values()].map(({ id, data }) => [id, data.weight_value])).toEqual([
      [made['id'], 71],
    ]);
  });

  it('F55 100 mutations of the greatest size fit, or the body is refused as a whole', async () => {
    const { person, a } = await twoPhones(app.api);
    const note = 'ä'.repeat(2_000);
    const batch = Array.from({ length: 100 }, () =>
      a.create('meal', mealFields({ note }), { id: randomUUID() }),
    );
    const { status, body } = await a.send(batch);
    expect([status, statusesOf(body['results'])]).toEqual([200, Array(100).fill('applied')]);
    expect((await liveOf(person)).size).toBe(100);
  });
});
