import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { fitbit, hasFitbit, imported, stateOf, undone } from './support.js';

/** The cells of a column of one of the files, which have no quotation marks. */
function columnOf(content: string, name: string): number[] {
  const [header = '', ...rows] = content.trimEnd().split(/\r?\n/);
  const place = header.split(',').indexOf(name);
  return rows.map((row) => Number(row.split(',')[place]));
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** The totals of imported files equal those of the files, a second import changes nothing, and undo leaves nothing. */
describe.runIf(hasDatabase() && hasFitbit())('the Fitbit files', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start();
    ada = await app.api.register({ time_zone: 'America/New_York' });
  });
  afterAll(() => app.stop());

  async function storedOf(metric: string): Promise<[number, number]> {
    const [row] = await app.db.rows(
      `SELECT COUNT(*) AS stored, SUM(value) AS total FROM health_metrics
       WHERE user_id = ? AND metric = ? AND deleted_at IS NULL`,
      [ada.userId, metric],
    );
    return [Number(row?.['stored']), Number(row?.['total'] ?? 0)];
  }

  async function again(content: string): Promise<void> {
    const before = await stateOf(ada);
    const second = await imported(ada, { content });
    expect(second).toMatchObject({
      status: 'completed',
      records_created: 0,
      records_updated: 0,
      records_kept: 0,
    });
    expect(await stateOf(ada)).toEqual(before);
  }

  it('22 099 hours of steps', async () => {
    const content = fitbit('hourlySteps');
    const done = await imported(ada, { content });
    expect(done).toMatchObject({
      format: 'fitbit_hourly_steps',
      rows_read: 22_099,
      rows_failed: 0,
      records_created: 22_099,
    });
    expect(await storedOf('steps')).toEqual([22_099, sum(columnOf(content, 'StepTotal'))]);
    await again(content);
    expect(await undone(ada, done['id'] as string)).toMatchObject({
      records_taken_back: 22_099,
      records_left: 0,
    });
    expect(await storedOf('steps')).toEqual([0, 0]);
  });

  it('940 days', async () => {
    const content = fitbit('dailyActivity');
    const done = await imported(ada, { content });
    expect(done).toMatchObject({
      format: 'fitbit_daily_activity',
      rows_read: 940,
      rows_failed: 0,
      records_created: 3 * 940,
    });
    expect(await storedOf('steps')).toEqual([940, sum(columnOf(content, 'TotalSteps'))]);
    const [days, distance] = await storedOf('distance_walk_run');
    expect([days, distance.toFixed(6)]).toEqual([940, sum(columnOf(content, 'TotalDistance')).toFixed(6)]);
    // A day of the file is that day, and whole.
    const [row] = await app.db.rows(
      `SELECT COUNT(DISTINCT local_date) AS days, MIN(local_date) AS first, MAX(local_date) AS last
       FROM health_metrics WHERE user_id = ? AND metric = 'steps' AND deleted_at IS NULL`,
      [ada.userId],
    );
    expect([Number(row?.['days']), dayOf(row?.['first']), dayOf(row?.['last'])]).toEqual([
      31,
      '2016-04-12',
      '2016-05-12',
    ]);
    await again(content);
    await undone(ada, done['id'] as string);
    expect(await storedOf('steps')).toEqual([0, 0]);
  });

  it('67 weights', async () => {
    const content = fitbit('weightLogInfo');
    const done = await imported(ada, { content });
    expect(done).toMatchObject({ format: 'fitbit_weight', rows_read: 67, rows_failed: 0 });
    const weights = (await ada.get('/api/health-metrics/weight?limit=500')).body['data'] as {
      weight_value: number;
    }[];
    expect(weights).toHaveLength(67);
    const total = sum(weights.map(({ weight_value }) => weight_value));
    expect(total.toFixed(6)).toBe(sum(columnOf(content, 'WeightKg')).toFixed(6));
    expect((await storedOf('bmi'))[0]).toBe(67);
    await again(content);
    await undone(ada, done['id'] as string);
    expect((await ada.get('/api/health-metrics/weight')).body['data']).toEqual([]);
  });

  it('413 nights', async () => {
    const content = fitbit('sleepDay');
    // Three rows of the file are there twice: each night counts once.
    const [header = '', ...rows] = content.trimEnd().split(/\r?\n/);
    const different = [...new Set(rows)];
    expect([rows.length, different.length]).toEqual([413, 410]);
    const done = await imported(ada, { content });
    expect(done).toMatchObject({
      format: 'fitbit_sleep',
      rows_read: 413,
      rows_failed: 0,
      records_created: 410,
      records_unchanged: 3,
    });
    const [row] = await app.db.rows(
      `SELECT COUNT(*) AS stored, SUM(minutes_asleep) AS asleep, SUM(in_bed_seconds) AS in_bed, MIN(local_date) AS first
       FROM sleep_sessions WHERE user_id = ? AND deleted_at IS NULL AND started_at IS NULL`,
      [ada.userId],
    );
    const once = [header, ...different].join('\n');
    expect([Number(row?.['stored']), Number(row?.['asleep']), Number(row?.['in_bed'])]).toEqual([
      410,
      sum(columnOf(once, 'TotalMinutesAsleep')),
      sum(columnOf(once, 'TotalTimeInBed')) * 60,
    ]);
    expect(dayOf(row?.['first'])).toBe('2016-04-12');
    await again(content);
    await undone(ada, done['id'] as string);
    expect((await ada.get('/api/sleep')).body['data']).toEqual([]);
  });
});

const dayOf = (value: unknown): string =>
  value instanceof Date ? value.toISOString().slice(0, 10) : String(value).slice(0, 10);
