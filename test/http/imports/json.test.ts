import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { until } from '../../support/until.js';
import { carriedBy, healthConnectRecord, openMHealthPoint, valueIn, type Written } from './json-files.js';
import {
  filesOf,
  hasty,
  imported,
  IMPORTS,
  listOf,
  type Sent,
  stateOf,
  undone,
  upload,
  weightsOf,
  zip,
  zipOf,
} from './support.js';

const formats = [
  ['health_connect', healthConnectRecord],
  ['open_mhealth', openMHealthPoint],
] as const;

const time = '2026-01-06T19:30:00Z';
const end = '2026-01-06T19:31:00Z';
const heavy = {
  recordType: 'WeightRecord',
  time,
  zoneOffset: '+05:00',
  weight: { inPounds: 181.5, inKilograms: 82.327 },
  metadata: { id: 'w1', dataOrigin: 'com.example.scale', device: { model: 'Scale' } },
};
const few = [
  heavy,
  {
    type: 'Steps',
    startTime: time,
    endTime: end,
    count: 120,
    metadata: { id: 's1', dataOrigin: 'com.example.watch' },
  },
  {
    recordType: 'androidx.health.connect.client.records.HeartRateRecord',
    startTime: time,
    endTime: end,
    samples: [
      { time, beatsPerMinute: 61 },
      { time: end, beatsPerMinute: 64 },
    ],
    metadata: {
      id: 'h1',
      dataOrigin: 'com.example.watch',
      device: { manufacturer: 'Example', model: 'Watch 2' },
      recordingMethod: 2,
    },
  },
  {
    recordType: 'BloodPressureRecord',
    time,
    systolic: { inMillimetersOfMercury: 128 },
    diastolic: { inMillimetersOfMercury: 82 },
    measurementLocation: 3,
  },
  {
    recordType: 'BloodGlucoseRecord',
    time,
    level: { inMillimolesPerLiter: 5.4, inMilligramsPerDeciliter: 97.3 },
    mealType: 1,
    relationToMeal: 3,
  },
  {
    recordType: 'SleepSessionRecord',
    startTime: '2026-01-05T22:00:00Z',
    endTime: '2026-01-06T05:30:00Z',
    endZoneOffset: { id: '+05:30', totalSeconds: 19_800 },
    title: 'Night',
    stages: [
      { startTime: '2026-01-05T22:00:00Z', endTime: '2026-01-06T01:00:00Z', stage: 4 },
      { startTime: '2026-01-06T01:00:00Z', endTime: '2026-01-06T05:30:00Z', stage: 5 },
    ],
    metadata: { id: 'n1' },
  },
  { recordType: 'SpeedRecord', startTime: time, endTime: end, samples: [] },
  { recordType: 'WeightRecord', time, weight: 82 },
  { recordType: 'WeightRecord', time: '2026-01-06T19:30:00', weight: { inKilograms: 82 } },
  { recordType: 'StepsRecord', startTime: end, endTime: time, count: 5 },
  { weight: { inKilograms: 82 } },
  'text',
];

describe.runIf(hasDatabase())('JSON files', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());
  const register = async (): Promise<Api> => (ada = await app.api.register({ time_zone: 'Europe/Vienna' }));

  it.each([
    ['several', 'several CSV, XML or JSON files', { 'a.json': '[]', 'b.json': '[]' }],
    ['several in folders', 'several CSV, XML or JSON files', { 'a/a.json': '[]', 'b/b.json': '[]' }],
    ['none', 'no export.xml and no CSV, XML or JSON file', { 'a.txt': 'a', '__MACOSX/a.json': '[]' }],
  ])('an archive with %s is refused with the reason', async (_, reason, files) => {
    await register();
    const { status, body } = await upload(ada, { content: zipOf(files), name: 'health.zip' });
    expect([status, body['errors']]).toMatchObject([
      422,
      [{ field: 'file', message: expect.stringContaining(reason) }],
    ]);
    await until(() => filesOf(app).length === 0);
  });

  it.each([
    ['a list', 'health.json', Buffer.from(JSON.stringify(few, null, 2))],
    ['an object with a list', 'health.json', Buffer.from(JSON.stringify({ records: few }))],
    ['a record on each line', 'health.ndjson', Buffer.from(few.map((one) => JSON.stringify(one)).join('\n'))],
    ['an archive', 'health.zip', zip('health.json', Buffer.from(JSON.stringify(few)))],
    [
      'an archive of a folder, as macOS makes it',
      'health.zip',
      zipOf({
        'Export/health.JSON': JSON.stringify(few),
        '__MACOSX/Export/._health.JSON': 'a',
        'Export/.index.json': '[]',
        'Export/read me.txt': 'a',
      }),
    ],
    [
      'an archive with folders beside it',
      'health.zip',
      zipOf({ 'logs/a.json': '[]', 'health.json': JSON.stringify(few), 'logs/b.csv': 'a' }),
    ],
  ])('records of Health Connect as %s', async (_, name, content) => {
    await register();
    const done = await imported(ada, { content, name });
    expect(done).toMatchObject({
      status: 'completed',
      format: 'health_connect',
      // Each sample of a heart rate is a row.
      rows_read: 13,
      rows_failed: 5,
      rows_skipped: 1,
      records_created: 7,
    });
    expect(done['errors']).toMatchObject([
      { record: 8, field: 'weight', code: 'wrong-type' },
      { record: 9, field: 'time', code: 'invalid' },
      { record: 10, field: 'ended_at' },
      { record: 11, field: 'recordType', code: 'required' },
      { record: 12, field: 'record', code: 'unreadable' },
    ]);
    expect(await weightsOf(ada)).toMatchObject([
      {
        weight_value: 82.327,
        unit: 'kg',
        timestamp: '2026-01-06T19:30:00.000Z',
        source: 'com.example.scale',
        external_id: 'w1',
        device: 'Scale',
        time_zone: 'Etc/GMT-5',
        local_date: '2026-01-07',
      },
    ]);
    expect(await listOf(ada, 'steps')).toMatchObject([
      {
        value: 120,
        unit: 'steps',
        source: 'com.example.watch',
        external_id: 's1',
        ended_at: '2026-01-06T19:31:00.000Z',
      },
    ]);
    expect(await listOf(ada, 'heart_rate')).toMatchObject([
      {
        value: 64,
        external_id: 'h1@2026-01-06T19:31:00.000Z',
        device: 'Example Watch 2',
        modality: 'sensed',
      },
      { value: 61, external_id: 'h1@2026-01-06T19:30:00.000Z' },
    ]);
    expect(await listOf(ada, 'blood_pressure')).toMatchObject([
      { components: { systolic: 128, diastolic: 82 }, context: 'left_upper_arm', source: 'health_connect' },
    ]);
    expect(await listOf(ada, 'blood_glucose')).toMatchObject([
      { value: 5.4, unit: 'mmol/L', context: 'before_breakfast', time_zone: 'Europe/Vienna' },
    ]);
    expect((await ada.get('/api/sleep')).body['data']).toMatchObject([
      {
        stages: [{ stage: 'light' }, { stage: 'deep' }],
        time_zone: 'Asia/Kolkata',
        local_date: '2026-01-06',
        note: 'Night',
      },
    ]);
    const before = await stateOf(ada);
    expect(await imported(ada, { content, name })).toMatchObject({
      records_created: 0,
      records_updated: 0,
      records_unchanged: 7,
    });
    expect(await stateOf(ada)).toEqual(before);
    expect(await undone(ada, done['id'] as string)).toMatchObject({ records_taken_back: 7, records_left: 0 });
    expect(await weightsOf(ada)).toEqual([]);
    await until(() => filesOf(app).length === 0);
  });

  it('lists by type, and a preview with the numbers of records', async () => {
    await register();
    const { recordType: _, ...weight } = heavy;
    const content = JSON.stringify({
      WeightRecord: [weight],
      Other: [1],
      Steps: [{ startTime: time, endTime: end, count: 3 }],
    });
    const dry = await imported(ada, { content, name: 'a.json', query: '?dry_run=true' });
    expect(dry).toMatchObject({
      records_created: 2,
      preview: [{ line: 1, record: 1, records: [{ kind: 'weight' }] }, { record: 2 }],
    });
    expect(await weightsOf(ada)).toEqual([]);
  });

  it.each(formats)(
    'every kind and unit that %s carries is answered as it was written',
    async (format, write) => {
      await register();
      const random = seededRandom(chooseSeed());
      const written: Written[] = carriedBy(format).flatMap(({ kind, unit }, place) =>
        [0, 1, 2].map((turn) => ({
          metric: kind.name,
          unit: unit.unit,
          value: valueIn(kind, unit, random),
          at: new Date(Date.UTC(2026, 0, 1 + place, turn)).toISOString(),
          id: `${place}-${turn}`,
        })),
      );
      const content = JSON.stringify(written.map(write));
      expect(await imported(ada, { content, name: 'all.json' })).toMatchObject({
        status: 'completed',
        rows_failed: 0,
        errors: [],
        records_created: written.length,
      });
      const found = new Map<string, unknown>();
      for (const metric of new Set(written.map((one) => one.metric)))
        for (const one of metric === 'body_weight' ? await weightsOf(ada) : await listOf(ada, metric))
          found.set(`${metric} ${one['timestamp'] ?? one['measured_at']}`, [
            one['weight_value'] ?? one['value'] ?? one['components'].systolic,
            one['unit'],
          ]);
      expect(written.map(({ metric, at }) => found.get(`${metric} ${at}`))).toEqual(
        written.map(({ value, unit }) => [value, unit]),
      );
    },
  );

  it.each([
    ['JSON of another format', '{"a":[1,2]}'],
    ['a format that it is not', JSON.stringify([heavy]), '?format=open_mhealth'],
    ['two formats in one list', '[1]'],
  ])('refuses %s, and leaves nothing', async (_, content, query = '') => {
    await register();
    const { status, body } = await upload(ada, { content, name: 'a.json', query } satisfies Sent);
    expect([status, body['errors']?.[0].field]).toEqual([422, 'file']);
    await until(() => filesOf(app).length === 0);
    expect((await ada.get(IMPORTS)).body['data']).toEqual([]);
  });

  it('a file that breaks off fails, says so, and keeps what was read whole', async () => {
    await register();
    const records = Array.from({ length: 120 }, (_, place) => ({
      ...heavy,
      time: new Date(Date.UTC(2026, 0, 1, place)).toISOString(),
      metadata: { id: `w${place}` },
    }));
    const content = JSON.stringify(records).slice(0, -40);
    const done = await imported(ada, { content, name: 'a.json' });
    expect(done).toMatchObject({
      status: 'failed',
      failure: 'json-invalid',
      rows_read: 119,
      records_created: 119,
    });
    expect(done['failure_detail']).toContain('119');
    expect(await weightsOf(ada)).toHaveLength(119);
    expect(await undone(ada, done['id'] as string)).toMatchObject({
      records_taken_back: 119,
      records_left: 0,
    });
    await until(() => filesOf(app).length === 0);
  });
});
