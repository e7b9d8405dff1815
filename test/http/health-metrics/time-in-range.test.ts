import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { KeptSums, KeptSumsPolicy } from '../../../src/modules/health/health-metrics/kept-sums.js';
import { metricKinds } from '../../../src/modules/health/health-metrics/metric-kinds.js';
import { digest } from '../../../src/platform/random-token.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, reading, READINGS } from '../../support/readings.js';
import type { Wire } from '../../support/sync.js';

/*
 * Which part of the readings is in the target of their kind.
 * T1 The parts are those of the readings, add up to 1, and none is negative.
 * T2 Both ends of the target are within it, in each unit as an app shows it.
 * T3 Kinds without a target have none.
 * T4 Sums that were kept without counts of the target are not used, and those that are kept answer the same.
 * T5 The counts need no statement of their own.
 */
const START = Date.parse('2026-03-02T00:00:00Z');
const PERIOD = 'from=2026-03-01&to=2026-03-31';
const MONTH = `${READINGS}/blood_glucose/summary?${PERIOD}&bucket=month`;

class KeepsAll extends KeptSumsPolicy {
  override readonly leastReadings = 1;
}

describe.runIf(hasDatabase())('time in range', () => {
  let app: TestApp;
  let random: () => number;
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) => builder.overrideProvider(KeptSumsPolicy).useClass(KeepsAll),
    });
    random = seededRandom(chooseSeed());
  });
  afterAll(() => app.stop());

  let minute = 0;
  const glucose = (value: number, unit = 'mg/dL', values: Wire = {}): Wire =>
    reading('blood_glucose', {
      value,
      unit,
      measured_at: new Date(START + minute++ * 60_000).toISOString(),
      time_zone: 'UTC',
      ...values,
    });
  const dataOf = async (api: Api, path: string): Promise<Wire[]> => {
    const { status, body } = await api.get(path);
    expect([path, status]).toEqual([path, 200]);
    return body['data'] as Wire[];
  };
  const rangeOf = async (api: Api): Promise<Wire> => (await dataOf(api, MONTH))[0]!['time_in_range'];

  it('T2 has both ends of the target within it, in each unit', async () => {
    const ada = await app.api.register();
    await bulk(ada, [
      ...[69, 69.4, 10].map((value) => glucose(value)),
      ...[70, 69.5, 180, 180.4, 100].map((value) => glucose(value)),
      ...[180.5, 181, 1_500].map((value) => glucose(value)),
      // What a meter in mmol/L shows: 3.9 to 10.0 are within, by the same consensus.
      ...[3.8, 3.9, 10, 10.1].map((value) => glucose(value, 'mmol/L')),
    ]);
    expect(await rangeOf(ada)).toEqual({ below: 0.266667, within: 0.466666, above: 0.266667 });
    const kinds = await dataOf(ada, `${READINGS}/kinds`);
    const { target, units } = kinds.find(({ name }) => name === 'blood_glucose')!;
    expect(target).toEqual({ minimum: 70, maximum: 180 });
    expect((units as Wire[]).map((one) => [one['unit'], one['target']])).toEqual([
      ['mg/dL', { minimum: 70, maximum: 180 }],
      ['mmol/L', { minimum: 3.9, maximum: 10 }],
    ]);
  });

  it('T1 has the parts of the readings, by hour, day, week and month, and after any write', async () => {
    const ada = await app.api.register();
    const due = new Map<string, Wire>();
    const put = (row: Wire, id: string) => due.set(id, row);
    const rows = Array.from({ length: 200 }, () =>
      glucose(20 + Math.floor(random() * 300), 'mg/dL', {
        measured_at: new Date(START + Math.floor(random() * 14 * 1_440) * 60_000).toISOString(),
      }),
    );
    for (const [index, { id }] of (await bulk(ada, rows)).entries()) put(rows[index]!, id);
    const check = async (): Promise<void> => {
      for (const [bucket, length] of [
        ['hour', 13],
        ['day', 10],
        ['week', 0],
        ['month', 7],
      ] as const) {
        const found = await dataOf(ada, `${READINGS}/blood_glucose/summary?${PERIOD}&bucket=${bucket}`);
        for (const { local_date, hour, count, time_in_range: range } of found) {
          const key = `${local_date}T${String(hour ?? 0).padStart(2, '0')}`.slice(0, length);
          const end = Date.parse(local_date) + 7 * 86_400_000;
          const own = [...due.values()].filter(({ measured_at: at }) =>
            bucket === 'week'
              ? Date.parse(at) >= Date.parse(local_date) && Date.parse(at) < end
              : at.startsWith(key),
          );
          const part = (is: (value: number) => boolean): number =>
            own.filter(({ value }) => is(value)).length / count;
          expect([local_date, hour, count]).toEqual([local_date, hour, own.length]);
          expect(range.below).toBeCloseTo(part((value) => value < 70));
          expect(range.within).toBeCloseTo(part((value) => value >= 70 && value <= 180));
          expect(range.above).toBeCloseTo(part((value) => value > 180));
          expect(range.below + range.within + range.above).toBeCloseTo(1, 9);
          expect(Math.min(range.below, range.within, range.above)).toBeGreaterThanOrEqual(0);
        }
      }
    };
    await check();
    await app.app.get(KeptSums).settled();
    // From what is kept, and then after a write into what is kept.
    await check();
    const [[id, row]] = [...due] as [[string, Wire]];
    expect((await ada.patch(`${READINGS}/blood_glucose/${id}`, { value: 400, unit: 'mg/dL' })).status).toBe(
      200,
    );
    due.set(id, { ...row, value: 400 });
    const [, [removed]] = [...due] as [unknown, [string, Wire]];
    await ada.delete(`${READINGS}/blood_glucose/${removed}`);
    due.delete(removed);
    await check();
  });

  it('T3 is null for kinds without a target', async () => {
    const ada = await app.api.register();
    const own = (await ada.post('/api/custom-metrics', { name: 'Cups', unit: 'cups', roll_up: 'average' }))
      .body;
    const others = metricKinds.filter(({ name, target }) => name !== 'body_weight' && target === null);
    await bulk(ada, [
      ...others.map(({ name }) => reading(name)),
      { ...reading('mood'), metric: `custom:${own['id']}`, unit: 'cups' },
    ]);
    await ada.post(`${READINGS}/weight`, { weight_value: 75, unit: 'kg', timestamp: '2026-01-06T06:40:00Z' });
    for (const name of ['body_weight', `custom:${own['id']}`, ...others.map((kind) => kind.name)])
      expect([name, await dataOf(ada, `${READINGS}/${name}/summary?from=2026-01-06&to=2026-01-06`)]).toEqual([
        name,
        [expect.objectContaining({ time_in_range: null })],
      ]);
  });

  it('T4 does not use sums that were kept before there were targets', async () => {
    const ada = await app.api.register();
    await bulk(ada, [glucose(60), glucose(100)]);
    const before = digest(JSON.stringify([1, 'average', null, []]));
    const days = JSON.stringify([[2, 900_000_000, 9, 100, 100, 100, START, 'a']]);
    await change(
      app,
      'INSERT INTO metric_month_sums (user_id, metric, month, component, basis, days) VALUES (?, ?, ?, ?, ?, ?)',
      [ada.userId, 'blood_glucose', '2026-03', '', before, days],
    );
    const due = { below: 0.5, within: 0.5, above: 0 };
    expect(await rangeOf(ada)).toEqual(due);
    await app.app.get(KeptSums).settled();
    expect(await rangeOf(ada)).toEqual(due);
    // A trend uses what a summary has kept, and the other way round.
    const rows = () =>
      app.db.rows('SELECT basis, days FROM metric_month_sums WHERE user_id = ?', [ada.userId]);
    const kept = await rows();
    expect(kept).toHaveLength(1);
    expect(kept).not.toMatchObject([{ basis: before }]);
    await ada.get(`${READINGS}/blood_glucose/trend?${PERIOD}`);
    await app.app.get(KeptSums).settled();
    expect(await rows()).toEqual(kept);
  });

  it('T5 counts in the statement of the sums, which has no such counts for other kinds', async () => {
    const ada = await app.api.register();
    await bulk(ada, [glucose(60), reading('heart_rate', { measured_at: new Date(START).toISOString() })]);
    const real = app.db.rows.bind(app.db);
    const seen: string[] = [];
    const spy = vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = [], hasDoubles) => {
      if (sql.includes('GROUP BY local_date')) seen.push(sql);
      return (await real(sql, values, hasDoubles)) as never;
    });
    const statements = async (metric: string): Promise<string[]> => {
      await dataOf(ada, `${READINGS}/${metric}/summary?${PERIOD}`);
      return seen.splice(0);
    };
    try {
      const [own, other] = [await statements('blood_glucose'), await statements('heart_rate')];
      expect([own.length > 0, own.length]).toEqual([true, other.length]);
      expect(own.filter((sql) => sql.includes('AS below'))).toHaveLength(1);
      expect(other.filter((sql) => sql.includes('AS below'))).toEqual([]);
    } finally {
      spy.mockRestore();
    }
  });
});
