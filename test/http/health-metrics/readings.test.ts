import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricKinds } from '../../../src/modules/health/health-metrics/metric-kinds.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';

const OWN = '/api/custom-metrics';
const plank = { name: 'Plank hold', unit: 's', roll_up: 'max', value_range: { minimum: 0, maximum: 600 } };

describe.runIf(hasDatabase())('health metrics', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    [ada, eve] = [await app.api.register(), await app.api.register()];
  });
  afterAll(() => app.stop());

  const idsOf = (rows: readonly Wire[]): string[] => rows.map(({ id }) => id as string);

  it('belong to one person', async () => {
    const { body } = await ada.post(`${READINGS}/mood`, { ...reading('mood'), metric: undefined });
    const path = `${READINGS}/mood/${body['id']}`;
    for (const [method, change] of [['GET'], ['PATCH', { note: 'x' }], ['DELETE']] as const)
      expect([method, (await eve.send(method, path, change)).status]).toEqual([method, 404]);
    expect((await eve.get(`${READINGS}/mood`)).body['pagination'].total).toBe(0);
    expect((await ada.get(path)).body).toEqual(body);
    expect((await ada.get(`${READINGS}/pain/${body['id']}`)).status).toBe(404);
  });

  it('a list has the newest first, by local days and by source', async () => {
    const api = await app.api.register();
    const at = (measured_at: string, time_zone: string, source = 'manual') =>
      reading('heart_rate', { id: randomUUID(), measured_at, time_zone, source });
    const readings = [
      at('2026-01-05T10:00:00Z', 'Pacific/Kiritimati', 'watch'), // the 6th there
      at('2026-01-06T09:00:00Z', 'Europe/Berlin'),
      at('2026-01-06T23:30:00Z', 'Europe/Berlin', 'watch'), // the 7th there
      at('2026-01-07T06:00:00Z', 'Pacific/Pago_Pago'), // the 6th there
    ];
    await bulk(api, readings);
    const ids = idsOf(readings);
    const path = `${READINGS}/heart_rate`;
    const list = async (query: string) => idsOf(await listAll(api, `${path}?${query}`, 1));
    expect(await list('')).toEqual(ids.toReversed());
    expect(await list('from=2026-01-06&to=2026-01-06')).toEqual([ids[3], ids[1], ids[0]]);
    expect(await list('from=2026-01-07')).toEqual([ids[2]]);
    expect(await list('to=2026-01-05')).toEqual([]);
    expect(await list('source=watch&to=2026-01-06')).toEqual([ids[0]]);
    expect(await listAll(api, `${READINGS}?from=2026-01-07`)).toHaveLength(1);
    expect((await api.get(`${path}?from=2026-01-07&to=2026-01-06`)).body['errors'][0].field).toBe('to');
  });

  it('a local day is computed once: from the zone of the reading, or else of the profile at that time', async () => {
    const api = await app.api.register({ time_zone: 'Pacific/Auckland' });
    await api.patch('/api/users/me', { time_zone: 'Pacific/Auckland' });
    const { time_zone: _, ...fields } = reading('mood', { measured_at: '2026-01-06T20:30:00.000Z' });
    const { body } = await api.post(READINGS, fields);
    expect(body).toMatchObject({
      time_zone: 'Pacific/Auckland',
      local_date: '2026-01-07',
      utc_offset_min: 780,
    });
    await api.patch('/api/users/me', { time_zone: 'America/New_York' });
    const path = `${READINGS}/mood/${body['id']}`;
    const changed = await api.patch(path, { note: 'after the flight' });
    expect(changed.body).toMatchObject({ time_zone: 'Pacific/Auckland', local_date: '2026-01-07' });
    const moved = await api.patch(path, { measured_at: '2026-01-06T10:30:00.000Z' });
    expect(moved.body).toMatchObject({ time_zone: 'Pacific/Auckland', local_date: '2026-01-06' });
    const { time_zone: __, ...upload } = reading('mood', { source: 'watch', external_id: 'a' });
    const before = (await api.post(READINGS, upload)).body;
    await api.patch('/api/users/me', { time_zone: 'Asia/Tokyo' });
    expect((await api.post(READINGS, upload)).body).toEqual(before);
  });

  it('a weight belongs to the day of the zone in which it was entered, wherever the person goes afterwards', async () => {
    const api = await app.api.register();
    const goTo = (time_zone: string) => api.patch('/api/users/me', { time_zone });
    const at = (timestamp: string, weight_value: number) => ({ weight_value, unit: 'kg', timestamp });
    await goTo('Europe/Berlin');
    const { body } = await api.post(`${READINGS}/weight`, at('2026-01-06T23:30:00.000Z', 75));
    const device = await new Device(api).ready();
    await device.push(device.create('weight', at('2026-01-08T22:30:00.000Z', 76)));
    const days = async () => {
      const { body: sums } = await api.get(`${READINGS}/body_weight/summary?from=2026-01-01&to=2026-01-31`);
      const { body: latest } = await api.get(`${READINGS}/latest`);
      const listed = await listAll(api, `${READINGS}/body_weight`);
      return [sums, { data: listed }, latest].map(({ data }) =>
        data.map((one: Wire) => one['local_date'] as string),
      );
    };
    const before = await days();
    expect(before).toEqual([['2026-01-07', '2026-01-08'], ['2026-01-08', '2026-01-07'], ['2026-01-08']]);
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      await goTo(zone);
      expect(await days()).toEqual(before);
    }
    // A correction of the time is one in the zone of the entry, and the contract of weights has no new field.
    const moved = await api.put(`${READINGS}/weight/${body['id']}`, {
      timestamp: '2026-01-04T23:30:00.000Z',
    });
    expect(Object.keys(moved.body).toSorted()).toEqual(Object.keys(body).toSorted());
    expect((await days())[0]).toEqual(['2026-01-05', '2026-01-08']);
    const [listed] = await listAll(api, `${READINGS}/body_weight?to=2026-01-05`);
    expect(listed).toMatchObject({ id: body['id'], time_zone: 'Europe/Berlin', utc_offset_min: 60 });
    await api.post(`${READINGS}/weight`, at('2026-01-20T10:30:00.000Z', 74));
    expect((await days())[0]?.at(-1)).toBe('2026-01-19');
  });

  it('the list of all kinds has weights among the others, page by page, each once', async () => {
    const api = await app.api.register();
    const at = (minute: number) =>
      new Date(Date.parse('2026-01-06T08:00:00Z') + minute * 60_000).toISOString();
    const shared = randomUUID();
    await bulk(
      api,
      Array.from({ length: 30 }, (_, index) =>
        reading(index % 2 ? 'mood' : 'heart_rate', {
          id: index === 7 ? shared : randomUUID(),
          measured_at: at(Math.floor(index / 3)),
          source: index % 4 ? 'watch' : 'manual',
        }),
      ),
    );
    for (let index = 0; index < 12; index += 1) {
      const body = { weight_value: 70 + index, unit: 'kg', timestamp: at(index < 6 ? 2 : index) };
      await api.post(`${READINGS}/weight`, index === 2 ? { ...body, id: shared } : body);
    }
    const whole = (await api.get(`${READINGS}?limit=500`)).body;
    expect([whole['pagination'].total, whole['data'].length]).toEqual([42, 42]);
    const keyOf = ({ id, metric, measured_at: time }: Wire) => `${time} ${id} ${metric}`;
    const order = (whole['data'] as Wire[]).map(keyOf);
    expect(new Set(order).size).toBe(42);
    expect(order.map((key) => key.slice(0, 24))).toEqual(
      order.map((key) => key.slice(0, 24)).toSorted((a, b) => (a < b ? 1 : -1)),
    );
    for (const limit of [1, 2, 5, 41, 42])
      expect([limit, (await listAll(api, READINGS, limit)).map(keyOf)]).toEqual([limit, order]);
    for (const offset of [1, 7, 8, 41, 42, 100]) {
      const { body } = await api.get(`${READINGS}?limit=3&offset=${offset}`);
      expect([offset, body['data'].map(keyOf)]).toEqual([offset, order.slice(offset, offset + 3)]);
    }
    const metricsOf = async (query: string) =>
      new Set((await listAll(api, `${READINGS}?${query}`, 5)).map(({ metric }) => metric as string));
    expect(await metricsOf('kind=weight')).toEqual(new Set(['body_weight']));
    expect(await metricsOf('kind=mood')).toEqual(new Set(['mood']));
    expect(await metricsOf('source=watch')).toEqual(new Set(['mood', 'heart_rate']));
    expect(await metricsOf('source=manual')).toContain('body_weight');
    expect(await metricsOf('from=2026-01-07')).toEqual(new Set());
    expect((await api.get(`${READINGS}?kind=aura`)).body['errors'][0].field).toBe('kind');
    const [weight] = (await api.get('/api/health-metrics/kinds')).body['data'] as Wire[];
    expect(weight).toMatchObject({
      name: 'body_weight',
      units: [{ unit: 'kg' }, { unit: 'lb' }, { unit: 'st' }],
    });
    for (const { unit, minimum, maximum } of weight!['units'] as Wire[])
      for (const value of [minimum, maximum]) {
        const sent = { weight_value: value, unit, timestamp: at(0) };
        expect([unit, value, (await api.post(`${READINGS}/weight`, sent)).status]).toEqual([
          unit,
          value,
          201,
        ]);
      }
  });

  it('weights are read beside the others and written at their own routes', async () => {
    const api = await app.api.register();
    const weight = { weight_value: 166.4, unit: 'lb', timestamp: '2026-01-06T23:30:00.000Z' };
    await api.patch('/api/users/me', { time_zone: 'Europe/Berlin' });
    const { body } = await api.post(`${READINGS}/weight`, weight);
    const path = `${READINGS}/body_weight`;
    const [listed] = await listAll(api, `${path}?from=2026-01-07&to=2026-01-07`);
    expect(listed).toMatchObject({
      id: body['id'],
      metric: 'body_weight',
      value: 166.4,
      unit: 'lb',
      canonical_value: 75.47777,
      local_date: '2026-01-07',
    });
    const { shown, ...whole } = listed!;
    expect(shown).toBe(true);
    expect((await api.get(`${path}/${body['id']}`)).body).toEqual(whole);
    expect(await listAll(api, `${path}?to=2026-01-06`)).toEqual([]);
    expect((await eve.get(`${path}/${body['id']}`)).status).toBe(404);
    const { metric: _, ...values } = reading('body_height');
    for (const [method, where, change] of [
      ['POST', path, values],
      ['PATCH', `${path}/${body['id']}`, { note: 'x' }],
      ['DELETE', `${path}/${body['id']}`],
    ] as const) {
      const answer = await api.send(method, where, change);
      expect([method, answer.status, answer.body['errors'][0].message]).toEqual([
        method,
        422,
        expect.stringContaining('/api/health-metrics/weight'),
      ]);
    }
  });

  describe('the kinds', () => {
    it('are listed with units, ranges and codes, and with the person’s own', async () => {
      const own = (await ada.post(OWN, plank)).body;
      const kinds = (await ada.get(`${READINGS}/kinds`)).body['data'] as Wire[];
      expect(kinds.filter(({ category }) => category !== 'custom').map(({ name }) => name)).toEqual(
        metricKinds.map(({ name }) => name),
      );
      expect(kinds.find(({ name }) => name === 'body_temperature')).toMatchObject({
        unit: 'degC',
        loinc: '8310-5',
        roll_up: 'max',
        units: [
          { unit: 'degC', ucum: 'Cel', minimum: 25, maximum: 46 },
          { unit: 'degF', ucum: '[degF]', minimum: 77, maximum: 114.8 },
        ],
      });
      expect(kinds.find(({ name }) => name === 'hba1c')).toMatchObject({ loinc: null });
      expect(kinds.at(-1)).toMatchObject({ name: `custom:${own['id']}`, label: 'Plank hold', unit: 's' });
      const foreign = (await eve.get(`${READINGS}/kinds`)).body['data'] as Wire[];
      expect(foreign.filter(({ category }) => category === 'custom')).toEqual([]);
    });

    it('of a person are of no use to another', async () => {
      const own = (await ada.post(OWN, plank)).body;
      const name = `custom:${own['id']}`;
      const fields = { value: 90, unit: 's', measured_at: '2026-01-06T08:00:00.000Z' };
      expect((await ada.post(`${READINGS}/${name}`, fields)).status).toBe(201);
      expect((await eve.post(`${READINGS}/${name}`, fields)).status).toBe(404);
      expect((await eve.post(READINGS, { ...fields, metric: name })).status).toBe(422);
      expect((await eve.get(`${READINGS}/${name}`)).status).toBe(404);
      expect((await ada.get(`${READINGS}/${name}`)).body['pagination'].total).toBe(1);
    });

    it('of a person decide on unit and range', async () => {
      const own = (await ada.post(OWN, plank)).body;
      const fields = { metric: `custom:${own['id']}`, measured_at: '2026-01-06T08:00:00.000Z' };
      for (const [bad, field, message] of [
        [{ value: 601, unit: 's' }, 'value', 'value must be from 0 to 600 s'],
        [{ value: 10, unit: 'min' }, 'unit', 'unit must be s'],
        [{ unit: 's' }, 'value', 'value is required'],
      ] as const) {
        const { status, body } = await ada.post(READINGS, { ...fields, ...bad });
        expect([status, body['errors'][0]]).toMatchObject([422, { field, message }]);
      }
      const { body } = await ada.post(READINGS, { ...fields, value: 1.23456789, unit: 's' });
      expect(body).toMatchObject({ value: 1.23456789, unit: 's', canonical_value: 1.234568 });
      const path = `${READINGS}/${fields.metric}/${body['id']}`;
      expect((await ada.patch(path, { value: 700, unit: 's' })).status).toBe(422);
      await ada.patch(`${OWN}/${own['id']}`, { unit: 'min' });
      const noted = await ada.patch(path, { note: 'on the terrace' });
      expect([noted.status, noted.body['note'], noted.body['unit']]).toEqual([200, 'on the terrace', 's']);
      const former = await ada.patch(path, { value: 5, unit: 's' });
      expect([former.status, former.body['errors'][0].message]).toEqual([422, 'unit must be min']);
      const wrong = { ...plank, value_range: { minimum: 2, maximum: 1 } };
      expect((await ada.post(OWN, wrong)).body['errors'][0].field).toBe('value_range.maximum');
    });

    it('F39 F40 of a person decide by sync as they do by REST', async () => {
      const device = await new Device(ada).ready();
      const unknown = { ...reading('mood'), metric: `custom:${randomUUID()}` };
      expect((await device.push(device.create('health_metric', unknown)))[0]).toMatchObject({
        status: 'rejected',
        error: { code: 'not-allowed', field: 'fields.metric' },
      });
      // In one push, the kind may come before its readings.
      const kind = device.create('custom_metric', plank);
      const metric = `custom:${kind['id']}`;
      const fields = { ...reading('mood'), metric, unit: 's', value: 90 };
      const make = (values: Wire = {}) => device.create('health_metric', { ...fields, ...values });
      const outbox = [make(), make({ value: 601 }), make({ unit: 'min' })];
      const results = await device.push(kind, ...outbox);
      expect(results.map(({ status }) => status)).toEqual(['applied', 'applied', 'rejected', 'rejected']);
      expect(results.slice(2).map(({ error }) => error)).toMatchObject([
        { field: 'fields.value', message: 'value must be from 0 to 600 s' },
        { field: 'fields.unit', message: 'unit must be s' },
      ]);
      expect(await listAll(ada, `${READINGS}/${metric}`)).toHaveLength(1);
      // A value that was right when it was entered stays, and all else of the reading can change.
      await ada.patch(`${OWN}/${kind['id']}`, { unit: 'min' });
      const stored = { kind: 'health_metric', id: outbox[0]!['id'], version: 1 };
      const moved = device.update(stored, { ...fields, measured_at: '2026-01-05T06:40:00.000Z' });
      expect((await device.push(moved))[0]?.['status']).toBe('applied');
      await ada.delete(`${OWN}/${kind['id']}`);
      expect((await device.push(make({ unit: 'min' })))[0]).toMatchObject({ status: 'rejected' });
    });

    it('of a person are as many as the list of all kinds has, also in a burst', async () => {
      const api = await app.api.register();
      const device = await new Device(api).ready();
      const push = (count: number) =>
        device.push(...Array.from({ length: count }, () => device.create('custom_metric', plank)));
      await push(100);
      await push(95);
      const burst = await Promise.all(Array.from({ length: 10 }, () => api.post(OWN, plank)));
      const refused = burst.filter(({ status }) => status !== 201);
      expect(refused).toHaveLength(5);
      for (const { status, body } of refused)
        expect([status, body]).toMatchObject([
          403,
          { type: '/problems/quota-exceeded', kind: 'custom_metric', limit: 200, used: 200 },
        ]);
      expect((await push(1))[0]).toMatchObject({ status: 'rejected', error: { code: 'quota-exceeded' } });
      const kinds = (await api.get(`${READINGS}/kinds`)).body['data'] as Wire[];
      expect(kinds.filter(({ category }) => category === 'custom')).toHaveLength(200);
      const usage = (await api.get('/api/users/me/usage')).body['kinds'] as Wire[];
      expect(usage.find(({ kind }) => kind === 'custom_metric')).toMatchObject({ limit: 200, used: 200 });
    });

    it('a name that no kind has is refused', async () => {
      const { status, body } = await ada.get(`${READINGS}/aura`);
      expect([status, body['errors'][0]]).toMatchObject([422, { field: 'kind', code: 'not-allowed' }]);
    });
  });
});
