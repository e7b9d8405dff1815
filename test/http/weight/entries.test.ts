import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { drain, live, WEIGHT } from '../../support/weights.js';

const sample = { weight_value: 75.5, unit: 'kg', timestamp: '2026-01-06T20:30:00Z' };

describe.runIf(hasDatabase())('weight, one at a time (FR-026)', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve] = await Promise.all([app.api.register(), app.api.register()]);
  });
  afterAll(() => app.stop());

  it('answers a creation with the fields of the contract', async () => {
    const { status, body } = await ada.post(WEIGHT, sample);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      user_id: ada.userId,
      weight_value: 75.5,
      unit: 'kg',
      timestamp: '2026-01-06T20:30:00.000Z',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: body['created_at'],
      version: 1,
    });
    expect((await ada.get(`${WEIGHT}/${body['id']}`)).body).toEqual(body);
  });

  it('lists a page with the pagination of the contract, the most recently measured first', async () => {
    const person = await app.api.register();
    for (const day of ['03', '01', '02'])
      await person.post(WEIGHT, { ...sample, timestamp: `2026-02-${day}T08:00:00+01:00` });
    const { status, body } = await person.get(`${WEIGHT}?limit=2&offset=1`);
    expect(status).toBe(200);
    expect(body['data'].map((item: any) => item.timestamp)).toEqual([
      '2026-02-02T07:00:00.000Z',
      '2026-02-01T07:00:00.000Z',
    ]);
    expect(body['pagination']).toEqual({ total: 3, limit: 2, offset: 1 });
    const since = await person.get(`${WEIGHT}?since=2026-02-02T07:00:00Z&until=2026-02-03T07:00:00Z`);
    expect(since.body['pagination']).toEqual({ total: 1, limit: 100, offset: 0 });
  });

  it.each([
    'limit=0',
    'limit=501',
    'limit=1e9',
    'limit=-1',
    'limit=2&limit=3',
    'offset=x',
    'since=2026-01-01',
    'since=yesterday',
    'sort=id',
    'user_id=1',
  ])('refuses the query %s and names the field', async (query) => {
    const { status, body } = await ada.get(`${WEIGHT}?${query}`);
    expect(status).toBe(422);
    expect(body['errors'][0].field).toBe(query.split('=')[0]);
  });

  it('changes only what is sent, and counts versions', async () => {
    const { body: made } = await ada.post(WEIGHT, sample);
    const { status, body } = await ada.put(`${WEIGHT}/${made['id']}`, {
      weight_value: 166.4,
      unit: 'lb',
      version: 1,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...made,
      weight_value: 166.4,
      unit: 'lb',
      version: 2,
      updated_at: body['updated_at'],
    });
    expect(body['updated_at'] > made['updated_at']).toBe(true);
  });

  it('refuses a change of an old version, and a value without its unit', async () => {
    const { body: made } = await ada.post(WEIGHT, sample);
    const path = `${WEIGHT}/${made['id']}`;
    await ada.put(path, { timestamp: '2026-01-07T20:30:00Z' });
    const stale = await ada.put(path, { weight_value: 80, unit: 'kg', version: 1 });
    expect([stale.status, stale.body['type']]).toEqual([409, '/problems/version-conflict']);
    const torn = await ada.put(path, { weight_value: 80 });
    expect([torn.status, torn.body['errors'][0].field]).toEqual([422, 'unit']);
    expect((await ada.get(path)).body['version']).toBe(2);
  });

  it('deletes once; then reads answer 404, and sync returns a tombstone', async () => {
    const { body: made } = await ada.post(WEIGHT, sample);
    const path = `${WEIGHT}/${made['id']}`;
    expect((await ada.delete(path)).status).toBe(204);
    expect((await ada.delete(path)).status).toBe(404);
    expect((await ada.get(path)).status).toBe(404);
    expect((await ada.put(path, { timestamp: sample.timestamp })).status).toBe(404);
    const tombstone = (await drain(ada)).entries.find((change) => change['server_id'] === made['id']);
    expect(tombstone).toEqual({
      server_id: made['id'],
      deleted: true,
      deleted_at: expect.any(String),
      updated_at: expect.any(String),
      modified_at: expect.any(String),
      version: 2,
    });
  });

  it('a repeated creation with the id of the client creates one entry', async () => {
    const id = '0199f3a2-6f57-7d3a-9a61-5d6a5b1f4c33';
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ada.post(WEIGHT, { ...sample, id: id.toUpperCase() })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    const other = await ada.post(WEIGHT, { ...sample, id, weight_value: 76 });
    expect([other.status, other.body['type']]).toEqual([409, '/problems/id-taken']);
    // Ids are private to a person: one that another person uses is free, and reveals nothing.
    const foreign = await eve.post(WEIGHT, { ...sample, id, weight_value: 90 });
    expect([foreign.status, foreign.body['weight_value']]).toEqual([201, 90]);
    expect((await ada.get(`${WEIGHT}/${id}`)).body['weight_value']).toBe(75.5);
    expect((await eve.delete(`${WEIGHT}/${id}`)).status).toBe(204);
    expect((await ada.get(`${WEIGHT}/${id}`)).status).toBe(200);
  });

  it('F53 answers for another person’s entry as for a missing one', async () => {
    const { body: made } = await ada.post(WEIGHT, sample);
    const unknown = '0199f3a2-6f57-7d3a-9a61-000000000000';
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { timestamp: '2026-01-01T00:00:00Z' } : undefined;
      const [foreign, missing] = await Promise.all(
        [made['id'], unknown].map((id) => eve.send(method, `${WEIGHT}/${id}`, body)),
      );
      expect(foreign?.status).toBe(404);
      expect({ ...foreign?.body, instance: '', request_id: '' }).toEqual({
        ...missing?.body,
        instance: '',
        request_id: '',
      });
    }
    expect((await ada.get(`${WEIGHT}/${made['id']}`)).body).toEqual(made);
    expect(live((await drain(eve)).entries).size).toBe(0);
  });

  it.each([
    ['weight_value', { weight_value: '75.5' }],
    ['weight_value', { weight_value: null }],
    ['weight_value', { weight_value: 0 }],
    ['weight_value', { weight_value: 701 }],
    ['weight_value', { weight_value: 5_000, unit: 'lb' }],
    ['unit', { unit: 'stone' }],
    ['unit', { unit: undefined }],
    ['timestamp', { timestamp: '2026-01-06T20:30:00' }],
    ['timestamp', { timestamp: '2026-02-30T20:30:00Z' }],
    ['timestamp', { timestamp: 1_767_731_400_000 }],
    ['user_id', { user_id: 'x' }],
    ['id', { id: 'not-a-uuid' }],
  ])('refuses a creation with a bad %s and stores nothing', async (field, change) => {
    const before = await ada.get(`${WEIGHT}?limit=1`);
    const { status, body } = await ada.post(WEIGHT, { ...sample, ...change });
    expect([status, body['type'], body['errors'].map((error: any) => error.field)]).toEqual([
      422,
      '/problems/validation',
      [field],
    ]);
    expect((await ada.get(`${WEIGHT}?limit=1`)).body['pagination']).toEqual(before.body['pagination']);
  });

  it('F19 keeps instants with any offset, and the entered value and unit exactly', async () => {
    const person = await app.api.register();
    const weights = fc.record({
      unit: fc.constantFrom('kg', 'lb', 'st'),
      weight_value: fc.double({ min: 10, max: 100, noNaN: true }),
      timestamp: fc.date({ min: new Date('1900-01-02'), max: new Date('2026-01-01'), noInvalidDate: true }),
      offset: fc.constantFrom('Z', '+05:30', '-11:00', '+12:45'),
    });
    await fc.assert(
      fc.asyncProperty(weights, async ({ unit, weight_value, timestamp, offset }) => {
        const shift =
          offset === 'Z'
            ? 0
            : (offset.startsWith('-') ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)));
        const local = new Date(timestamp.getTime() + shift * 60_000).toISOString().replace('Z', offset);
        const { status, body } = await person.post(WEIGHT, { weight_value, unit, timestamp: local });
        expect(status).toBe(201);
        expect([body['weight_value'], body['unit'], body['timestamp']]).toEqual([
          weight_value,
          unit,
          timestamp.toISOString(),
        ]);
        expect((await person.get(`${WEIGHT}/${body['id']}`)).body).toEqual(body);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps a canonical kilogram value beside the entered pair', async () => {
    const { body } = await ada.post(WEIGHT, { ...sample, weight_value: 11.5, unit: 'st' });
    const rows = await app.db.rows('SELECT weight_kg FROM weight_entries WHERE id = ?', [body['id']]);
    expect(Number(rows[0]?.['weight_kg'])).toBe(73.028372);
  });
});
