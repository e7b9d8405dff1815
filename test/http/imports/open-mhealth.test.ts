import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { hasty, imported, listOf } from './support.js';

const time = '2026-01-06T19:30:00Z';
const end = '2026-01-06T19:31:00Z';

describe.runIf(hasDatabase())('data points of Open mHealth', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());

  it('of all schemas are read, and those that cannot be are named', async () => {
    const ada = await app.api.register({ time_zone: 'Europe/Vienna' });
    const point = (name: string, body: object, header: object = {}): object => ({
      header: { id: `p-${name}`, schema_id: { namespace: 'omh', name, version: '1.0' }, ...header },
      body,
    });
    const at = { effective_time_frame: { date_time: '2026-01-06T23:30:00-08:00' } };
    const frame = (interval: object): object => ({ effective_time_frame: { time_interval: interval } });
    const points = [
      point('heart-rate', {
        heart_rate: { value: 61, unit: 'beats/min' },
        ...at,
        temporal_relationship_to_physical_activity: 'at rest',
      }),
      point('body-weight', { body_weight: { value: 181.5, unit: 'lb' }, ...at }),
      point('blood-pressure', {
        systolic_blood_pressure: { value: 128, unit: 'mmHg' },
        diastolic_blood_pressure: { value: 82, unit: 'mmHg' },
        ...at,
        measurement_location: 'left wrist',
      }),
      point('blood-glucose', {
        blood_glucose: { value: 97, unit: 'mg/dL' },
        ...at,
        temporal_relationship_to_meal: '2 hours postprandial',
      }),
      point('step-count', {
        step_count: 120,
        ...frame({ start_date_time: time, duration: { value: 10, unit: 'min' } }),
      }),
      point(
        'step-count',
        {
          step_count: 7_000,
          descriptive_statistic: 'average',
          ...frame({ start_date_time: time, end_date_time: end }),
        },
        { id: 'mean' },
      ),
      point('sleep-episode', {
        ...frame({
          start_date_time: '2026-01-06T13:00:00+01:00',
          end_date_time: '2026-01-06T14:00:00+01:00',
        }),
        total_sleep_time: { value: 0.75, unit: 'h' },
        is_main_sleep: false,
      }),
      point('sleep-duration', {
        sleep_duration: { value: 420, unit: 'min' },
        ...frame({ date: '2026-01-05', part_of_day: 'night' }),
      }),
      point('acceleration', at),
      point('body-weight', { body_weight: { value: 82, unit: 'kg' } }, { id: 'timeless' }),
      point('body-weight', { body_weight: { value: 82, unit: 'dr' }, ...at }, { id: 'odd' }),
      { body: {} },
    ];
    const done = await imported(ada, {
      content: JSON.stringify({ shim: 'x', body: points }),
      name: 'omh.json',
    });
    expect(done).toMatchObject({
      format: 'open_mhealth',
      rows_read: 12,
      rows_skipped: 2,
      rows_failed: 3,
      records_created: 7,
    });
    expect(done['errors']).toMatchObject([
      { record: 10, field: 'effective_time_frame' },
      { record: 11, field: 'unit' },
      { record: 12, field: 'header.schema_id' },
    ]);
    expect(await listOf(ada, 'heart_rate')).toMatchObject([
      {
        value: 61,
        unit: '/min',
        context: 'at_rest',
        local_date: '2026-01-06',
        time_zone: 'Etc/GMT+8',
        source: 'open_mhealth',
        external_id: 'p-heart-rate',
      },
    ]);
    expect(await listOf(ada, 'blood_pressure')).toMatchObject([{ context: 'left_wrist' }]);
    expect(await listOf(ada, 'blood_glucose')).toMatchObject([{ context: 'two_hours_after_meal' }]);
    expect(await listOf(ada, 'steps')).toMatchObject([
      { value: 120, ended_at: '2026-01-06T19:40:00.000Z', time_zone: 'Europe/Vienna' },
    ]);
    expect((await ada.get('/api/sleep')).body['data']).toMatchObject([
      { is_nap: true, minutes_asleep: 45, time_zone: 'Europe/Vienna' },
      { date: '2026-01-05', minutes_asleep: 420 },
    ]);
  });
});
