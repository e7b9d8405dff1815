import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollUp } from '../../../src/modules/health/health-metrics/roll-up.js';
import { digest } from '../../../src/platform/random-token.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import type { Wire } from '../../support/sync.js';
import { hasty, imported } from '../imports/support.js';

/*
 * Water, caffeine and other amounts that are added up, of several sources.
 * A1 An amount of a day contains the single readings of the day, whichever source has which of them, and whichever came first.
 * A2 One drink that two sources have in one minute counts once; two of one source are two.
 * A3 The sum is the same in every order of uploads, by hour and by day, for a day alone, for the service and for an app.
 * A4 `explain` adds up to the sum.
 * A5 A day of a table is an amount of that day, under the id that it always had.
 */
const DAY = 'from=2026-01-06&to=2026-01-06';
const drink = (source: string, time: string, value: number, metric = 'water_intake'): Wire =>
  reading(metric, {
    source,
    value,
    measured_at: `2026-01-06T${time}:00.000Z`,
    time_zone: 'UTC',
    external_id: `${source}-${time}`,
  });
const ofDay = (source: string, value: number, metric = 'water_intake'): Wire =>
  reading(metric, {
    source,
    value,
    measured_at: '2026-01-06T00:00:00.000Z',
    ended_at: '2026-01-07T00:00:00.000Z',
    time_zone: 'UTC',
    external_id: `${source}-day`,
  });

describe.runIf(hasDatabase())('amounts of several sources', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());

  const person = async (order: readonly string[] = []): Promise<Api> => {
    const ada = await app.api.register();
    if (order.length > 0)
      expect((await ada.put('/api/sources/order', { sources: order, version: 0 })).status).toBe(200);
    return ada;
  };
  async function dayOf(ada: Api, metric = 'water_intake'): Promise<Wire> {
    const { status, body } = await ada.get(`${READINGS}/${metric}/summary?bucket=day&explain=true&${DAY}`);
    expect([status, body['errors']]).toEqual([200, undefined]);
    const [day] = body['data'] as Wire[];
    const { intervals, sources } = day!['explanation'] as { intervals: Wire[]; sources: Wire[] };
    const added = (list: Wire[], field: string): number => list.reduce((sum, one) => sum + one[field], 0);
    expect([added(intervals, 'value'), added(sources, 'counted')]).toEqual([day!['value'], day!['value']]);
    return {
      value: day!['value'],
      counted: Object.fromEntries(sources.map((one) => [one['source'], one['counted']])),
    };
  }

  it.each<[string, string[], Wire[], number, Wire]>([
    [
      'a total that comes first contains the drinks',
      ['table', 'phone'],
      [ofDay('table', 2_000), drink('phone', '08:00', 250), drink('phone', '10:00', 300)],
      2_000,
      { table: 2_000, phone: 0 },
    ],
    [
      'drinks that come first count, and the total adds what they lack',
      ['phone', 'table'],
      [ofDay('table', 2_000), drink('phone', '08:00', 250), drink('phone', '10:00', 300)],
      2_000,
      { table: 1_450, phone: 550 },
    ],
    [
      'drinks that come first count, also when they are more',
      ['phone', 'table'],
      [ofDay('table', 2_000), drink('phone', '08:00', 1_500), drink('phone', '23:59', 900)],
      2_400,
      { table: 0, phone: 2_400 },
    ],
    [
      'what the person typed is in the total',
      [],
      [ofDay('table', 2_000), drink('manual', '08:00', 250)],
      2_000,
      { table: 1_750, manual: 250 },
    ],
    [
      'a total contains the drinks of its own source',
      [],
      [ofDay('table', 2_000), drink('table', '08:00', 250)],
      2_000,
      { table: 2_000 },
    ],
    [
      'two totals are one',
      ['phone', 'table'],
      [ofDay('table', 2_000), ofDay('phone', 1_800)],
      1_800,
      { table: 0, phone: 1_800 },
    ],
    [
      'drinks of two sources at different times are two',
      [],
      [drink('phone', '08:00', 250), drink('bottle', '10:00', 300)],
      550,
      { phone: 250, bottle: 300 },
    ],
    [
      'one drink of two sources in one minute is one',
      ['phone'],
      [drink('phone', '08:00', 250), drink('bottle', '08:00', 248), drink('bottle', '10:00', 100)],
      350,
      { phone: 250, bottle: 100 },
    ],
  ])('A1 A2 %s', async (_, order, readings, value, counted) => {
    for (const uploads of [readings, readings.toReversed()]) {
      const ada = await person(order);
      for (const one of uploads) expect(await bulk(ada, [one])).toMatchObject([{ status: 'created' }]);
      expect(await dayOf(ada)).toEqual({ value, counted });
    }
    const eve = await person(order);
    await bulk(
      eve,
      readings.map((one) => ({ ...one, metric: 'caffeine', unit: 'mg', value: one['value'] / 10 })),
    );
    expect((await dayOf(eve, 'caffeine'))['value']).toBe(value / 10);
  });

  it('A2 two glasses of one source in one minute are two, and so are those of an own kind', async () => {
    const ada = await person();
    const own = (await ada.post('/api/custom-metrics', { name: 'Tea', unit: 'cups', roll_up: 'sum' })).body;
    const cup = (id: string, source: string): Wire => ({
      ...drink(source, '08:00', 1),
      metric: `custom:${own['id']}`,
      unit: 'cups',
      external_id: id,
    });
    await bulk(ada, [cup('a', 'phone'), cup('b', 'phone'), cup('c', 'watch')]);
    expect((await dayOf(ada, `custom:${own['id']}`))['value']).toBe(2);
  });

  it('A1 refuses an end that a reading cannot have', async () => {
    const ada = await person();
    const wrong = [
      { ...ofDay('table', 1), ended_at: '2026-01-06T00:00:00.000Z' },
      { ...ofDay('table', 1), ended_at: '2026-01-08T00:00:00.000Z' },
      { ...reading('heart_rate'), ended_at: '2026-01-07T00:00:00.000Z' },
    ];
    expect(await bulk(ada, wrong)).toMatchObject(
      wrong.map(() => ({ status: 'rejected', error: { field: 'ended_at' } })),
    );
  });

  it('A3 is the same in every order of uploads, for a day alone, and for an app', async () => {
    const random = seededRandom(chooseSeed());
    const below = (limit: number): number => Math.floor(random() * limit);
    const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
    const start = Date.parse('2026-01-05T00:00:00Z');
    const readings = Array.from({ length: 160 }, (_, index) => {
      const isTotal = random() < 0.15;
      // Few instants, so that several readings begin together, or within one minute.
      const from = start + (isTotal ? below(24) * 6 * 3_600_000 : below(120) * 3_600_000 + below(4) * 20_000);
      return reading('water_intake', {
        value: 10 + below(1_000),
        measured_at: new Date(from).toISOString(),
        ended_at: isTotal ? new Date(from + (1 + below(25)) * 3_600_000).toISOString() : null,
        time_zone: one(['UTC', 'Pacific/Auckland', 'America/New_York']),
        source: one(['manual', 'phone', 'bottle', 'table']),
        external_id: `drink-${index}`,
      });
    });
    const order = ['phone', 'table'];
    const [ada, eve] = [await person(order), await person(order)];
    await bulk(ada, readings.slice(0, 100));
    await bulk(ada, readings.slice(100));
    for (const some of readings.toSorted(() => random() - 0.5)) await bulk(eve, [some]);
    const rows = await listAll(ada, `${READINGS}/water_intake`);
    const rolled = rows.map((row) => ({
      id: row['id'] as string,
      localDate: row['local_date'] as string,
      localHour: new Date(Date.parse(row['measured_at']) + row['utc_offset_min'] * 60_000).getUTCHours(),
      measuredAt: Date.parse(row['measured_at']),
      endedAt: row['ended_at'] === null ? null : Date.parse(row['ended_at']),
      source: row['source'] as string,
      value: row['canonical_value'] as number,
    }));
    const valuesOf = async (api: Api, bucket: string, period: string): Promise<unknown[]> =>
      (
        (await api.get(`${READINGS}/water_intake/summary?bucket=${bucket}&${period}`)).body['data'] as Wire[]
      ).map((row) => [row['local_date'], row['hour'], row['value'], row['count']]);
    for (const bucket of ['hour', 'day'] as const) {
      const expected = rollUp(rolled, { rollUp: 'sum', bucket, order }).map((row) => [
        row.localDate,
        row.hour,
        row.value,
        row.count,
      ]);
      const mixed = rolled.toSorted(() => random() - 0.5);
      expect(
        rollUp(mixed, { rollUp: 'sum', bucket, order }).map((row) => [
          row.localDate,
          row.hour,
          row.value,
          row.count,
        ]),
      ).toEqual(expected);
      for (const api of [ada, eve])
        expect(await valuesOf(api, bucket, 'from=2026-01-01&to=2026-01-20')).toEqual(expected);
      for (const day of new Set(rolled.map(({ localDate }) => localDate)))
        expect(await valuesOf(ada, bucket, `from=${day}&to=${day}`)).toEqual(
          expected.filter(([date]) => date === day),
        );
    }
  });

  it('A5 a table with the water of each day is one of amounts of days, and what a phone has is in them', async () => {
    const ada = await person();
    await bulk(ada, [drink('phone', '08:00', 250), drink('phone', '21:30', 300)]);
    const table = {
      content: 'Date,Water\n2026-01-05,1800\n2026-01-06,2000\n',
      mapping: { values: [{ column: 'Water', metric: 'water_intake', unit: 'mL' }] },
      query: '?time_zone=UTC',
    };
    expect(await imported(ada, table)).toMatchObject({ status: 'completed', records_created: 2 });
    const rows = (await listAll(ada, `${READINGS}/water_intake`)).filter(({ source }) => source === 'csv');
    expect(rows).toMatchObject([
      {
        measured_at: '2026-01-06T00:00:00.000Z',
        ended_at: '2026-01-07T00:00:00.000Z',
        external_id: `csv:${digest(['', 'water_intake', '2026-01-06/'].join('\n')).slice(0, 22)}`,
      },
      { measured_at: '2026-01-05T00:00:00.000Z', ended_at: '2026-01-06T00:00:00.000Z' },
    ]);
    expect(await dayOf(ada)).toEqual({ value: 2_000, counted: { csv: 2_000, phone: 0 } });
    expect(await imported(ada, table)).toMatchObject({ records_unchanged: 2 });
  });
});
