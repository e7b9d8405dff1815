import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { hasty, imported, upload } from './support.js';

const time = '2026-01-06T19:30:00Z';
const end = '2026-01-06T19:31:00Z';
const heavy = { recordType: 'WeightRecord', time, weight: { inKilograms: 82.327 } };

describe.runIf(hasDatabase())('rows of JSON files', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());
  const register = async (): Promise<Api> => (ada = await app.api.register({ time_zone: 'Europe/Vienna' }));

  it('one sample that is wrong spoils no other one, and is named', async () => {
    await register();
    const samples = Array.from({ length: 300 }, (_, place) => ({
      time: new Date(Date.UTC(2026, 0, 6, 19, 0, place)).toISOString(),
      beatsPerMinute: place === 260 ? 9_000 : 61,
    }));
    const series = {
      recordType: 'HeartRateRecord',
      startTime: time,
      endTime: end,
      samples: [...samples, { time, beatsPerMinute: '61' }, { time: '19:30', beatsPerMinute: 61 }],
    };
    const nowhere = { ...heavy, recordType: 'StepsRecord', count: 3, zoneOffset: '+07:13' };
    const content = JSON.stringify([series, nowhere]);
    const done = await imported(ada, { content, name: 'a.json' });
    expect(done).toMatchObject({ rows_read: 303, rows_failed: 4, records_created: 299 });
    expect(done['errors']).toMatchObject([
      { record: 1, field: 'samples.260.value' },
      { record: 1, field: 'samples.300.beatsPerMinute' },
      { record: 1, field: 'samples.301.time' },
      { record: 2, field: 'time_zone', code: 'unknown-offset' },
    ]);
  });

  it('a file is taken although its beginning has only records that are skipped', async () => {
    await register();
    const speed = { startTime: time, endTime: end, samples: [{ note: 'a'.repeat(1_000) }] };
    const content = (type: string): string =>
      JSON.stringify([...Array.from({ length: 100 }, () => ({ recordType: type, ...speed })), heavy]);
    expect(await imported(ada, { content: content('SpeedRecord'), name: 'a.json' })).toMatchObject({
      rows_skipped: 100,
      records_created: 1,
    });
    // What the beginning does not show can be said.
    const asked = { content: content('Speed'), name: 'a.json' };
    expect((await upload(ada, asked)).status).toBe(422);
    expect(await imported(ada, { ...asked, query: '?format=health_connect' })).toMatchObject({
      format: 'health_connect',
      rows_skipped: 100,
    });
  });

  it('a file that breaks off and has only errors says that nothing is stored', async () => {
    await register();
    const done = await imported(ada, { content: '[{"recordType":"WeightRecord"},\n{', name: 'a.json' });
    expect(done).toMatchObject({ status: 'failed', rows_read: 1, rows_failed: 1 });
    expect(done['failure_detail']).toContain('Nothing was stored');
  });
});
