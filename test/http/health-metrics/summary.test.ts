import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readingId } from '../../../src/modules/health/health-metrics/reading-id.js';
import { type Bucket, rollUp, type RollUpRules } from '../../../src/modules/health/health-metrics/roll-up.js';
import type { RolledReading } from '../../../src/modules/health/health-metrics/reading-merge.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-20T00:00:00Z');
const ZONES = ['Europe/Berlin', 'Pacific/Auckland', 'America/New_York'];
const SOURCES = ['watch', 'phone', 'manual'];
const PERIOD = { hour: 'from=2026-03-18&to=2026-04-17', day: 'from=2026-03-18&to=2026-05-01' };
const buckets: Bucket[] = ['hour', 'day', 'week', 'month'];

/** A reading as the published roll-up takes it, from its wire form. */
const rolled = (row: Wire, value: number): RolledReading => ({
  id: row['id'],
  localDate: row['local_date'],
  localHour: new Date(Date.parse(row['measured_at']) + row['utc_offset_min'] * 60_000).getUTCHours(),
  measuredAt: Date.parse(row['measured_at']),
  endedAt: row['ended_at'] === null ? null : Date.parse(row['ended_at']),
  source: row['source'],
  value,
});

describe.runIf(hasDatabase())('summaries of health metrics', () => {
  let app: TestApp;
  let random: () => number;
  beforeAll(async () => {
    app = await TestApp.start();
    random = seededRandom(chooseSeed());
  });
  afterAll(() => app.stop());

  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const summaryOf = async (api: Api, metric: string, bucket: Bucket): Promise<Wire[]> => {
    const period = PERIOD[bucket === 'hour' ? 'hour' : 'day'];
    const { status, body } = await api.get(`${READINGS}/${metric}/summary?bucket=${bucket}&${period}`);
    expect([metric, bucket, status, body['errors']]).toEqual([metric, bucket, 200, undefined]);
    return body['data'] as Wire[];
  };

  /** Compares the answers with what the published function makes of the readings that a client has. */
  async function expectRolled(api: Api, metric: string, way: RollUpRules['rollUp']): Promise<void> {
    const rows = await listAll(api, `${READINGS}/${metric}`);
    for (const bucket of buckets) {
      const [from, to] = PERIOD[bucket === 'hour' ? 'hour' : 'day']
        .split('&')
        .map((part) => part.split('=')[1]!);
      const readings = rows.map((row) => rolled(row, row['canonical_value']));
      const expected = rollUp(readings, { rollUp: way, bucket })
        .map(({ localDate, timeInRange, ...rest }) => ({
          local_date: localDate,
          ...rest,
          time_in_range: timeInRange,
          components: [],
        }))
        .filter(({ local_date: day }) => bucket !== 'hour' || (day >= from! && day <= to!));
      expect([metric, bucket, await summaryOf(api, metric, bucket)]).toEqual([metric, bucket, expected]);
    }
  }

  /** Asks each day alone, whole and by hour: what other days have must not change its value. */
  async function expectSingleDays(api: Api, metric: string, days: readonly string[]): Promise<void> {
    const readings = (await listAll(api, `${READINGS}/${metric}`)).map((row) =>
      rolled(row, row['canonical_value']),
    );
    for (const bucket of ['day', 'hour'] as const) {
      const expected = rollUp(readings, { rollUp: 'sum', bucket });
      for (const day of days) {
        const path = `${READINGS}/${metric}/summary?bucket=${bucket}&from=${day}&to=${day}`;
        const found = ((await api.get(path)).body['data'] as Wire[]).map(({ hour, value }) => [hour, value]);
        const due = expected.filter(({ localDate }) => localDate === day);
        expect([day, bucket, found]).toEqual([day, bucket, due.map(({ hour, value }) => [hour, value])]);
      }
    }
  }

  /** Steps of many hours from three sources in three zones; most overlap. */
  const walks = (count: number): Wire[] =>
    Array.from({ length: count }, (_, index) => {
      const from = START + below(25 * 24 * 60) * 60_000;
      const to = from + (1 + below(3)) * 10 * 60_000 * (1 + below(60));
      return reading('steps', {
        value: below(30_000_000) / 1e4,
        measured_at: new Date(from).toISOString(),
        ended_at: new Date(Math.min(to, from + 25 * HOUR)).toISOString(),
        time_zone: one(ZONES),
        source: one(SOURCES),
        external_id: `walk-${index}`,
      });
    });

  it('of intervals are what the published function says, whatever the order and the repetition of uploads', async () => {
    const [ada, eve] = [await app.api.register(), await app.api.register()];
    const all = walks(150);
    await bulk(ada, all);
    await expectRolled(ada, 'steps', 'sum');
    const days = Array.from({ length: 29 }, (_, index) =>
      new Date(START + (index - 2) * 24 * HOUR).toISOString().slice(0, 10),
    );
    await expectSingleDays(ada, 'steps', days);
    for (let from = 0; from < all.length; from += 10)
      await bulk(eve, all.toReversed().slice(Math.max(from - 3, 0), from + 10));
    for (const bucket of buckets)
      expect(await summaryOf(eve, 'steps', bucket)).toEqual(await summaryOf(ada, 'steps', bucket));
  });

  it('of one day count time once that a reading of another day shares, whichever was uploaded first', async () => {
    const across = (source: string, time_zone: string, from: string, hours: number, value: number): Wire =>
      reading('steps', {
        value,
        measured_at: from,
        ended_at: new Date(Date.parse(from) + hours * HOUR).toISOString(),
        time_zone,
        source,
        external_id: `${source}-${from}`,
      });
    const pairs = [
      [
        across('watch', 'UTC', '2026-03-20T23:30:00.000Z', 1, 100),
        across('phone', 'UTC', '2026-03-21T00:00:00.000Z', 1, 60),
      ],
      [
        across('watch', 'UTC', '2026-03-20T23:45:00.000Z', 1, 100),
        across('phone', 'UTC', '2026-03-20T10:00:00.000Z', 20, 900),
      ],
      // The days of these two are three apart, because their zones are 26 hours apart.
      [
        across('watch', 'Etc/GMT+12', '2026-03-20T11:50:00.000Z', 25, 100),
        across('phone', 'Etc/GMT-14', '2026-03-21T12:30:00.000Z', 5, 50),
      ],
    ];
    const days = ['18', '19', '20', '21', '22', '23'].map((day) => `2026-03-${day}`);
    for (const pair of pairs)
      for (const order of [pair, pair.toReversed()]) {
        const ada = await app.api.register();
        for (const one of order) await bulk(ada, [one]);
        await expectSingleDays(ada, 'steps', days);
      }
  });

  it('stay right when an interval meets more stored ones than are compared with it', async () => {
    const ada = await app.api.register();
    const midnight = Date.parse('2026-03-21T00:00:00Z');
    const at = (from: number, to: number, values: Wire): Wire =>
      reading('steps', {
        value: 2,
        measured_at: new Date(from).toISOString(),
        ended_at: new Date(to).toISOString(),
        time_zone: 'UTC',
        ...values,
      });
    for (let start = 0; start < 5_500; start += 500)
      await bulk(
        ada,
        Array.from({ length: 500 }, (_, index) => {
          const from = midnight + (start + index) * 2_000;
          return at(from, from + 1_000, { source: 'watch' });
        }),
      );
    const long = at(midnight - HOUR, midnight + 5 * HOUR, { source: 'phone', value: 6_000 });
    const apart = at(midnight + 8 * HOUR, midnight + 9 * HOUR, { source: 'phone', value: 7 });
    await bulk(ada, [apart, long]);
    await expectSingleDays(ada, 'steps', ['2026-03-19', '2026-03-20', '2026-03-21', '2026-03-22']);
  });

  it('stay right when readings are corrected, moved, deleted and restored by REST and by sync', async () => {
    const ada = await app.api.register();
    const device = await new Device(ada).ready();
    const all = walks(60);
    await bulk(ada, all.slice(0, 30));
    const idOf = ({ metric, source, external_id: id }: Wire) => readingId(metric, source, id);
    await device.push(
      ...all.slice(30).map((fields) => device.create('health_metric', fields, { id: idOf(fields) })),
    );
    await expectRolled(ada, 'steps', 'sum');
    for (const fields of all.slice(0, 50)) {
      const path = `${READINGS}/steps/${idOf(fields)}`;
      const choice = below(4);
      if (choice === 0) await ada.delete(path);
      else if (choice === 1) await ada.patch(path, { value: below(3_000), unit: 'steps' });
      else if (choice === 2) {
        const from = START + below(25 * 24 * 60) * 60_000;
        const moved = {
          measured_at: new Date(from).toISOString(),
          ended_at: new Date(from + HOUR).toISOString(),
        };
        expect((await ada.patch(path, moved)).status).toBe(200);
      } else {
        const target = { kind: 'health_metric', id: idOf(fields), version: 1 };
        await device.push(device.delete(target), device.update({ ...target, version: 2 }, fields));
      }
    }
    await expectRolled(ada, 'steps', 'sum');
  });

  it('of intervals that do not overlap are summed by SQL to the same', async () => {
    const ada = await app.api.register();
    const all = Array.from({ length: 300 }, (_, index) =>
      reading('distance_walk_run', {
        value: below(1e9) / 1e6,
        unit: one(['m', 'km', 'mi']),
        measured_at: new Date(START + index * 2 * HOUR).toISOString(),
        ended_at: new Date(START + (index + 2) * HOUR + index * HOUR).toISOString(),
        time_zone: one(ZONES),
      }),
    ).map((fields) => ({ ...fields, value: Math.min(fields['value'], 300) }));
    await bulk(ada, all);
    const [marked] = await app.db.rows<{ marks: unknown }>(
      'SELECT SUM(overlaps) AS marks FROM health_metrics WHERE user_id = ?',
      [ada.userId],
    );
    expect(Number(marked?.marks)).toBe(0);
    await expectRolled(ada, 'distance_walk_run', 'sum');
  });

  it('of points are what the published function says', async () => {
    const ada = await app.api.register();
    const points = (metric: string, most: number, units: readonly string[]) =>
      Array.from({ length: 120 }, () =>
        reading(metric, {
          unit: one(units),
          value: 20 + below(most * 1e4) / 1e4,
          measured_at: new Date(START + below(25 * 24) * HOUR).toISOString(),
          time_zone: one(ZONES),
        }),
      );
    await bulk(ada, [...points('heart_rate', 200, ['/min']), ...points('water_intake', 200, ['mL'])]);
    await bulk(ada, [...points('resting_heart_rate', 100, ['/min']), ...points('peak_flow', 200, ['L/min'])]);
    await expectRolled(ada, 'heart_rate', 'average');
    await expectRolled(ada, 'water_intake', 'sum');
    await expectRolled(ada, 'resting_heart_rate', 'last');
    await expectRolled(ada, 'peak_flow', 'max');
  });

  it('of a blood pressure have its components, in one unit', async () => {
    const ada = await app.api.register();
    const at = (minute: number) => `2026-03-20T08:0${minute}:00.000Z`;
    await bulk(ada, [
      reading('blood_pressure', { components: { systolic: 120, diastolic: 80 }, measured_at: at(0) }),
      reading('blood_pressure', {
        components: { systolic: 130, diastolic: 84, pulse: 60 },
        measured_at: at(1),
      }),
      reading('blood_pressure', {
        unit: 'kPa',
        components: { systolic: 16, diastolic: 10 },
        measured_at: at(2),
      }),
    ]);
    const [day] = await summaryOf(ada, 'blood_pressure', 'day');
    expect(day).toMatchObject({ value: null, count: 3, days: 1 });
    expect(day!['components']).toMatchObject([
      { name: 'systolic', minimum: 120, maximum: 130, last: 120.010201, count: 3 },
      { name: 'diastolic', minimum: 75.006376, maximum: 84, count: 3 },
      { name: 'pulse', value: 60, count: 1 },
    ]);
    const trend = await ada.get(`${READINGS}/blood_pressure/trend?${PERIOD.day}`);
    expect([trend.status, trend.body['errors'][0].field]).toEqual([422, 'kind']);
  });

  it('of weights and of own kinds work like the others', async () => {
    const ada = await app.api.register();
    await ada.patch('/api/users/me', { time_zone: 'Europe/Berlin' });
    for (const [value, timestamp] of [
      [75, '2026-03-20T23:30:00.000Z'],
      [76, '2026-03-21T06:00:00.000Z'],
    ] as const)
      await ada.post(`${READINGS}/weight`, { weight_value: value, unit: 'kg', timestamp });
    const [day] = await summaryOf(ada, 'body_weight', 'day');
    expect(day).toMatchObject({ local_date: '2026-03-21', value: 76, minimum: 75, last: 76, count: 2 });
    const own = (await ada.post('/api/custom-metrics', { name: 'Cups', unit: 'cups', roll_up: 'sum' })).body;
    const name = `custom:${own['id']}`;
    for (const value of [0.1, 0.2])
      await ada.post(READINGS, {
        ...reading('mood'),
        metric: name,
        unit: 'cups',
        value,
        measured_at: '2026-03-20T08:00:00Z',
      });
    expect((await summaryOf(ada, name, 'day'))[0]).toMatchObject({ value: 0.3, count: 2 });
    await ada.patch(`/api/custom-metrics/${own['id']}`, { unit: 'mugs' });
    expect(await summaryOf(ada, name, 'day')).toEqual([]);
    const eve = await app.api.register();
    expect((await eve.get(`${READINGS}/${name}/summary?${PERIOD.day}`)).status).toBe(404);
  });

  it('of many weights are what the published function says, also where many have one instant', async () => {
    const ada = await app.api.register();
    await ada.patch('/api/users/me', { time_zone: 'UTC' });
    const device = await new Device(ada).ready();
    for (let sent = 0; sent < 2_100; sent += 100)
      await device.push(
        ...Array.from({ length: 100 }, () => {
          const timestamp = new Date(START + below(400) * HOUR).toISOString();
          return device.create('weight', { weight_value: 60 + below(400) / 10, unit: 'kg', timestamp });
        }),
      );
    await expectRolled(ada, 'body_weight', 'last');
  });

  it('of an own kind never take the last value from a reading in its former unit', async () => {
    const ada = await app.api.register();
    const own = (await ada.post('/api/custom-metrics', { name: 'Mugs', unit: 'cups', roll_up: 'last' })).body;
    const name = `custom:${own['id']}`;
    const sent = { ...reading('mood'), metric: name, measured_at: '2026-03-20T08:00:00Z' };
    const of = (id: string, unit: string, value: number) =>
      ada.post(READINGS, { ...sent, id: `${id}0000000-0000-4000-8000-000000000000`, unit, value });
    // Of two readings of one instant the greater id counts, which is the one in the former unit.
    expect((await of('f', 'cups', 1)).status).toBe(201);
    await ada.patch(`/api/custom-metrics/${own['id']}`, { unit: 'mugs' });
    expect((await of('1', 'mugs', 2)).status).toBe(201);
    expect(await summaryOf(ada, name, 'day')).toMatchObject([{ value: 2, last: 2, count: 1 }]);
  });

  it('have a limited period', async () => {
    const ada = await app.api.register();
    for (const query of [
      'from=2026-01-02&to=2026-01-01',
      'from=2016-01-01&to=2026-01-08',
      'from=2026-01-01&to=2026-02-01&bucket=hour',
      'from=2026-01-01&to=2026-01-31&bucket=year',
    ])
      expect([query, (await ada.get(`${READINGS}/steps/summary?${query}`)).status]).toEqual([query, 422]);
  });

  it('the newest of each kind is one reading, weight and body mass index included', async () => {
    const ada = await app.api.register();
    expect((await ada.get(`${READINGS}/latest`)).body).toEqual({ data: [], body_mass_index: null });
    const early = { measured_at: '2026-01-05T08:00:00.000Z' };
    await bulk(ada, [
      reading('heart_rate', { value: 60 }),
      reading('heart_rate', { value: 90, ...early }),
      reading('mood', { value: 4 }),
      reading('body_height', { value: 70, unit: 'in' }),
    ]);
    const weight = { weight_value: 166.4, unit: 'lb', timestamp: '2026-01-06T20:30:00.000Z' };
    await ada.post(`${READINGS}/weight`, weight);
    const deleted = (await ada.post(READINGS, reading('pain', { value: 3 }))).body;
    await ada.delete(`${READINGS}/pain/${deleted['id']}`);
    const { body } = await ada.get(`${READINGS}/latest`);
    expect((body['data'] as Wire[]).map(({ metric, value, unit }) => [metric, value, unit])).toEqual([
      ['body_weight', 166.4, 'lb'],
      ['body_height', 70, 'in'],
      ['heart_rate', 60, '/min'],
      ['mood', 4, 'score'],
    ]);
    expect(body['body_mass_index']).toMatchObject({
      value: 23.9,
      unit: 'kg/m2',
      weight: { value: 166.4, unit: 'lb' },
      height: { value: 70, unit: 'in' },
    });
    const eve = await app.api.register();
    expect((await eve.get(`${READINGS}/latest`)).body['data']).toEqual([]);
  });

  it('a trend has a forecast from 14 days of data on', async () => {
    const ada = await app.api.register();
    const path = `${READINGS}/resting_heart_rate/trend?from=2026-03-01&to=2026-03-31&forecast_days=3`;
    const day = (index: number) =>
      reading('resting_heart_rate', {
        value: 60 - index / 10,
        measured_at: new Date(Date.parse('2026-03-05T06:00:00Z') + index * 24 * HOUR).toISOString(),
        time_zone: 'UTC',
      });
    await bulk(
      ada,
      Array.from({ length: 13 }, (_, index) => day(index)),
    );
    expect((await ada.get(path)).body).toMatchObject({
      forecast: [],
      change_per_week: null,
      half_life_days: 7,
    });
    await bulk(ada, [day(13)]);
    const { body } = await ada.get(path);
    expect(body['data']).toHaveLength(14);
    expect(body['change_per_week']).toBeCloseTo(-0.7);
    expect(body['forecast'].map((one: Wire) => one['local_date'])).toEqual([
      '2026-03-19',
      '2026-03-20',
      '2026-03-21',
    ]);
  });
});
