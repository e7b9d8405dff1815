import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PersonLock } from '../../../src/kernel/person-lock.js';
import { KeptSums, KeptSumsPolicy } from '../../../src/modules/health/health-metrics/kept-sums.js';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { SourcesPolicy } from '../../../src/modules/health/sources/sources.policy.js';
import type { SqlValue } from '../../../src/platform/database/statements.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';
import { until } from '../../support/until.js';
import { HastyPolicy as HastyImports, imported, undone } from '../imports/support.js';

/*
 * Sums that are kept by month.
 * K1 After any writes, by any way and by many at once, an answer is that of the readings alone.
 * K2 The readings of others do not matter.
 * K3 There is at most one row for each month with readings, kind and component, and none after the account is closed.
 * K4 Reading kept sums takes the primary key.
 * K5 An answer neither fails nor waits because its sums cannot be kept.
 */
const HOUR = 3_600_000;
const START = Date.parse('2016-03-20T00:00:00Z');
const ZONES = ['Europe/Berlin', 'Pacific/Auckland', 'America/New_York', 'UTC'];
const SOURCES = ['watch', 'phone', 'manual'];
const POINTS = {
  heart_rate: '/min',
  peak_flow: 'L/min',
  resting_heart_rate: '/min',
  water_intake: 'mL',
  blood_glucose: 'mg/dL',
};
const PERIODS = ['from=2016-03-01&to=2016-06-30', 'from=2016-03-17&to=2016-05-12'];

class KeepsAll extends KeptSumsPolicy {
  override readonly leastReadings = 1;
}
class HastySources extends SourcesPolicy {
  override readonly pollMs = 20;
  override readonly chunkRecords = 5;
}

const keepingAll = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder
    .overrideProvider(KeptSumsPolicy)
    .useClass(KeepsAll)
    .overrideProvider(SourcesPolicy)
    .useClass(HastySources)
    .overrideProvider(ImportsPolicy)
    .useClass(HastyImports);

describe.runIf(hasDatabase())('sums that are kept by month', () => {
  let app: TestApp;
  let random: () => number;
  beforeAll(async () => {
    app = await TestApp.start({ override: keepingAll });
    random = seededRandom(chooseSeed());
  });
  afterAll(() => app.stop());

  const below = (limit: number): number => Math.floor(random() * limit);
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!;
  const forget = ({ userId }: Api): Promise<number> =>
    change(app, 'DELETE FROM metric_month_sums WHERE user_id = ?', [userId]);
  const rowsOf = ({ userId }: Api) =>
    app.db.rows<{ metric: string; month: string; component: string; days: string }>(
      'SELECT metric, month, component, days FROM metric_month_sums WHERE user_id = ? ORDER BY metric, month, component',
      [userId],
    );

  async function summaries(api: Api, metrics: readonly string[]): Promise<Wire> {
    const answers: Wire = {};
    for (const metric of metrics)
      for (const period of metric === 'steps' ? PERIODS : PERIODS.slice(0, 1))
        answers[`${metric} ${period}`] = (await api.get(`${READINGS}/${metric}/summary?${period}`)).body;
    await app.app.get(KeptSums).settled();
    return answers;
  }

  /** Answers once with what is kept, and once from the readings alone; then everything is kept. */
  async function expectRight(api: Api, metrics: readonly string[], after: unknown): Promise<void> {
    const found = await summaries(api, metrics);
    await forget(api);
    expect([after, found]).toEqual([after, await summaries(api, metrics)]);
  }

  const at = (): number => START + below(56 * 24 * 6) * 10 * 60_000;
  const walk = (id: number): Wire => {
    const from = at();
    return reading('steps', {
      value: below(30_000_000) / 1e4,
      measured_at: new Date(from).toISOString(),
      ended_at: new Date(from + (1 + below(25)) * HOUR).toISOString(),
      time_zone: one(ZONES),
      source: one(SOURCES),
      external_id: `walk-${id}`,
    });
  };
  const point = (): Wire => {
    const [metric, unit] = one(Object.entries(POINTS));
    const values = { measured_at: new Date(at()).toISOString(), time_zone: one(ZONES), source: one(SOURCES) };
    return reading(metric, { unit, value: 60 + below(1_000) / 10, ...values });
  };
  const pressure = (): Wire =>
    reading('blood_pressure', {
      components: {
        systolic: 110 + below(30),
        diastolic: 70 + below(20),
        ...(below(2) ? { pulse: 60 } : {}),
      },
      measured_at: new Date(at()).toISOString(),
      time_zone: one(ZONES),
    });
  const any = (): Wire => one([() => walk(below(60)), point, pressure])();
  const weight = (): Wire => ({
    weight_value: 60 + below(400) / 10,
    unit: 'kg',
    timestamp: new Date(at()).toISOString(),
  });

  /** A person, and the ways in which that person's readings change. */
  async function person() {
    const api = await app.api.register();
    const device = await new Device(api).ready();
    await bulk(
      api,
      Array.from({ length: 60 }, (_, index) => walk(index)),
    );
    await bulk(
      api,
      Array.from({ length: 40 }, () => one([point, pressure])()),
    );
    const own = (await api.post('/api/custom-metrics', { name: 'Cups', unit: 'cups', roll_up: 'sum' })).body;
    const custom = `custom:${own['id']}`;
    const cups = (): Wire => ({
      ...reading('mood', { measured_at: new Date(at()).toISOString(), value: below(9) - 4 }),
      metric: custom,
      unit: 'cups',
    });
    const some = async (): Promise<Wire> => one(await listAll(api, READINGS));
    const pathOf = ({ metric, id }: Wire): string => `${READINGS}/${metric}/${id}`;
    const fieldsOf = ({
      metric,
      value,
      unit,
      components,
      measured_at,
      ended_at,
      time_zone,
      ...row
    }: Wire) => {
      const { context, source, external_id } = row;
      return {
        metric,
        value,
        unit,
        components,
        measured_at,
        ended_at,
        time_zone,
        context,
        source,
        external_id,
      };
    };
    const moved = (row: Wire): Wire => {
      const from = at();
      const ended = row['ended_at'] && { ended_at: new Date(from + (1 + below(25)) * HOUR).toISOString() };
      return { measured_at: new Date(from).toISOString(), ...ended };
    };
    const weightPath = `${READINGS}/weight`;
    const someWeight = async (): Promise<Wire | undefined> => one((await api.get(weightPath)).body['data']);
    const ways: Record<string, () => Promise<unknown>> = {
      create: () => api.post(READINGS, any()),
      createWeight: () => api.post(weightPath, weight()),
      createOwn: () => api.post(READINGS, cups()),
      bulk: () => bulk(api, Array.from({ length: 10 }, any)),
      move: async () => {
        const row = await some();
        return api.patch(pathOf(row), moved(row));
      },
      zone: async () => api.patch(pathOf(await some()), { time_zone: one(ZONES) }),
      value: async () => {
        const row = await some();
        const { components, unit } = row;
        return api.patch(
          pathOf(row),
          components ? { components: { systolic: 141, diastolic: 91 }, unit } : { value: 77, unit },
        );
      },
      remove: async () => api.delete(pathOf(await some())),
      weight: async () => api.put(`${weightPath}/${(await someWeight())?.['id']}`, weight()),
      removeWeight: async () => api.delete(`${weightPath}/${(await someWeight())?.['id']}`),
      push: async () => {
        const row = await some();
        const target = { kind: 'health_metric', id: row['id'], version: row['version'] };
        const kind = { metric: 'resting_heart_rate', unit: '/min', value: 50, ended_at: null };
        const fields =
          row['metric'] === 'heart_rate'
            ? { ...fieldsOf(row), ...kind }
            : { ...fieldsOf(row), ...moved(row) };
        return device.push(
          device.create('health_metric', { ...fieldsOf(point()), external_id: null }),
          device.create('weight', weight()),
          below(2) ? device.update(target, fields) : device.delete(target),
        );
      },
      order: () => api.put('/api/sources/order', { sources: below(2) ? SOURCES : SOURCES.toReversed() }),
      unit: () => api.patch(`/api/custom-metrics/${own['id']}`, { unit: one(['cups', 'mugs']) }),
      rollUp: () => api.patch(`/api/custom-metrics/${own['id']}`, { roll_up: one(['sum', 'max']) }),
    };
    const metrics = ['steps', 'blood_pressure', 'body_weight', custom, ...Object.keys(POINTS)];
    return { api, metrics, ways };
  }

  it('K1 answer as the readings alone do, after writes by requests and by sync', async () => {
    const { api, metrics, ways } = await person();
    await expectRight(api, metrics, 'the first readings');
    const done: string[] = [];
    for (let round = 0; round < 2; round++)
      for (const way of Object.keys(ways).toSorted(() => random() - 0.5)) {
        await ways[way]!();
        done.push(way);
        await expectRight(api, metrics, done);
      }
    expect((await rowsOf(api)).length).toBeGreaterThan(10);
  });

  it('K1 answer as the readings alone do, after the deletion of a source, an import, and their undoing', async () => {
    const { api, metrics } = await person();
    await expectRight(api, metrics, 'the first readings');
    const { body } = await api.delete('/api/sources/watch');
    const deletion = `/api/sources/deletions/${body['id']}`;
    const ended = () => until(async () => (await api.get(deletion)).body['finished_at'] !== null);
    await ended();
    await expectRight(api, metrics, 'a deletion');
    await api.post(`${deletion}/undo`);
    await ended();
    await expectRight(api, metrics, 'its undoing');
    const header = 'Id,Date,WeightKg,WeightPounds,Fat,BMI,IsManualReport,LogId';
    const content = `${header}\r\n77,4/12/16 6:47,85.8,189.1,,,FALSE,1.46044E+12\r\n77,5/2/2016 11:59:59 PM,63,138,,,FALSE,1.46044E+12\r\n`;
    const done = await imported(api, { content });
    expect(done).toMatchObject({ records_created: 2 });
    await expectRight(api, metrics, 'an import');
    await undone(api, done['id'] as string);
    await expectRight(api, metrics, 'its undoing');
  });

  it('K1 answer as the readings alone do, after a write in the month before decided what counts', async () => {
    const api = await app.api.register();
    const march = { time_zone: 'America/New_York', source: 'phone', external_id: 'march' };
    const april = { time_zone: 'Pacific/Auckland', source: 'watch', external_id: 'april' };
    const shared = { measured_at: '2016-03-31T20:00:00.000Z', ended_at: '2016-03-31T21:00:00.000Z' };
    const sum = async () =>
      (await api.get(`${READINGS}/steps/summary?bucket=month&from=2016-04-01&to=2016-04-30`)).body['data'][0][
        'value'
      ];
    const walks = [march, april].map((values) => reading('steps', { value: 1_000, ...shared, ...values }));
    const [decides] = await bulk(api, walks);
    expect(await sum()).toBe(0);
    await app.app.get(KeptSums).settled();
    expect(await rowsOf(api)).toHaveLength(1);
    expect((await api.delete(`${READINGS}/steps/${decides!['id']}`)).status).toBe(204);
    expect(await sum()).toBe(1_000);
  });

  it('K1 answer as the readings alone do, after many wrote and read at once', async () => {
    const { api, metrics, ways } = await person();
    const names = ['create', 'bulk', 'move', 'remove', 'createWeight', 'order'];
    for (let round = 0; round < 3; round++) {
      const writes = Array.from({ length: 10 }, () => ways[one(names)]!());
      const reads = Array.from({ length: 10 }, () =>
        api.get(`${READINGS}/${one(metrics)}/summary?${PERIODS[0]}`),
      );
      for (const { status } of await Promise.all(reads)) expect(status).toBe(200);
      await Promise.all(writes);
      await app.app.get(KeptSums).settled();
      await expectRight(api, metrics, round);
    }
  });

  it('K2 the readings of others do not matter', async () => {
    const { api: ada, metrics } = await person();
    const [before, kept] = [await summaries(ada, metrics), await rowsOf(ada)];
    const { api: eve, ways } = await person();
    await summaries(eve, metrics);
    for (const way of ['create', 'bulk', 'createWeight', 'push', 'remove', 'order']) await ways[way]!();
    expect(await rowsOf(ada)).toEqual(kept);
    expect(await summaries(ada, metrics)).toEqual(before);
  });

  it('K3 only of months with readings, whatever period is asked for, and not after the account is closed', async () => {
    const { api, metrics } = await person();
    for (const year of ['0001', '1999', '2012', '2016', '2030', '9989'])
      for (const metric of metrics) {
        const end = String(Number(year) + 10).padStart(4, '0');
        await api.get(`${READINGS}/${metric}/summary?from=${year}-01-01&to=${end}-01-01`);
      }
    await app.app.get(KeptSums).settled();
    const rows = await listAll(api, READINGS);
    const due = new Set<string>();
    for (const row of rows) {
      const components = row['components'] ? Object.keys(row['components']) : [''];
      for (const name of components)
        if (name === '' || row['components'][name] !== null)
          due.add(`${row['metric']} ${row['local_date'].slice(0, 7)} ${name}`);
    }
    const kept = (await rowsOf(api)).map(({ metric, month, component }) => `${metric} ${month} ${component}`);
    expect(kept.toSorted()).toEqual([...due].toSorted());
    expect((await api.delete('/api/users/me')).status).toBe(204);
    expect(await rowsOf(api)).toEqual([]);
  });

  it('K4 reading them takes the primary key', async () => {
    const { api, metrics } = await person();
    const real = app.db.rows.bind(app.db);
    const seen: { sql: string; values: readonly SqlValue[] }[] = [];
    const spy = vi.spyOn(app.db, 'rows').mockImplementation(async (sql, values = [], hasDoubles) => {
      if (sql.includes('FROM metric_month_sums')) seen.push({ sql, values });
      return (await real(sql, values, hasDoubles)) as never;
    });
    await summaries(api, metrics).finally(() => spy.mockRestore());
    const { sql, values } = seen[0]!;
    const explain = app.db.dialect === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    const plan = JSON.stringify(await app.db.rows(`${explain} ${sql}`, values));
    expect(plan).toMatch(
      app.db.dialect === 'sqlite'
        ? /SEARCH metric_month_sums USING INDEX \w+ \(user_id=\? AND metric=\? AND month>\? AND month<\?\)/
        : /"type":"range".*"key":"PRIMARY"/,
    );
  });

  it('K5 an answer neither fails nor waits because its sums cannot be kept', async () => {
    const { api, metrics } = await person();
    await forget(api);
    const [due] = [await summaries(api, metrics), await forget(api)];
    const kept = app.app.get(KeptSums);
    const table = (kept as unknown as { table: { put: () => Promise<void> } }).table;
    const spy = vi.spyOn(table, 'put').mockRejectedValue(new Error('no room'));
    expect(await summaries(api, metrics)).toEqual(due);
    spy.mockRestore();
    expect(await rowsOf(api)).toEqual([]);
    // The person's lock is taken meanwhile: the answers do not wait for it.
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const writer = app.app.get(PersonLock).hold(api.userId, () => held);
    for (const metric of metrics)
      expect((await api.get(`${READINGS}/${metric}/summary?${PERIODS[0]}`)).body).toEqual(
        due[`${metric} ${PERIODS[0]}`],
      );
    release();
    await writer;
    await kept.settled();
    expect((await rowsOf(api)).length).toBeGreaterThan(10);
  });
});
