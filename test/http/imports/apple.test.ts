import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { until } from '../../support/until.js';
import { hasDatabase } from '../../support/database.js';
import {
  ended,
  filesOf,
  hasty,
  imported,
  IMPORTS,
  stateOf,
  undone,
  upload,
  weightsOf,
  zip,
} from './support.js';

const record = (type: string, unit: string, value: string, to = '20:31'): string =>
  `<Record type="HKQuantityTypeIdentifier${type}" sourceName="Ada&apos;s Watch" unit="${unit}" startDate="2026-01-06 20:30:00 +0100" endDate="2026-01-06 ${to}:00 +0100" value="${value}"/>`;
const document = (...elements: string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record)*>\n]>\n<HealthData>\n${elements.join('\n')}\n</HealthData>\n`;
const pressure = `<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="Cuff" startDate="2026-01-06 20:30:00 +0100" endDate="2026-01-06 20:30:00 +0100">${record('BloodPressureSystolic', 'mmHg', '128')}${record('BloodPressureDiastolic', 'mmHg', '82')}</Correlation>`;
const few = document(
  record('BodyMass', 'lb', '181.5'),
  record('StepCount', 'count', '120'),
  record('BodyFatPercentage', '%', '0.215'),
  record('HeartRate', 'count/min', '61'),
  record('HeartRate', 'count/min', '6100', '20:32'),
  record('BloodGlucose', 'mmol&lt;180.1558800000541&gt;/L', '5.4'),
  record('BodyTemperature', 'degF', '98.4'),
  record('FlightsClimbed', 'count', '3'),
  record('DistanceWalkingRunning', 'km', '1.25'),
  record('ActiveEnergyBurned', 'Cal', '31'),
  record('VO2Max', 'mL/min·kg', '41.5'),
  record('OxygenSaturation', '%', '0.97'),
  record('SwimmingStrokeCount', 'count', '3'),
  pressure,
);

describe.runIf(hasDatabase())('exports of Apple Health', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());

  it.each([
    ['as it is', 'export.xml', Buffer.from(few)],
    ['in its archive', 'export.zip', zip('apple_health_export/export.xml', Buffer.from(few))],
  ])('is imported %s, and a second time changes nothing', async (_, name, content) => {
    ada = await app.api.register({ time_zone: 'Europe/Vienna' });
    const done = await imported(ada, { content, name });
    expect(done).toMatchObject({
      status: 'completed',
      format: 'apple_health',
      rows_read: 14,
      rows_failed: 1,
      rows_skipped: 1,
      records_created: 12,
      errors: [{ field: 'value', code: 'out-of-range' }],
    });
    expect(await weightsOf(ada)).toMatchObject([
      { weight_value: 181.5, unit: 'lb', timestamp: '2026-01-06T19:30:00.000Z' },
    ]);
    const { body } = await ada.get('/api/health-metrics/blood_pressure');
    expect(body['data']).toMatchObject([
      {
        components: { systolic: 128, diastolic: 82 },
        unit: 'mmHg',
        source: 'Cuff',
        time_zone: 'Europe/Vienna',
      },
    ]);
    expect((await ada.get('/api/health-metrics/body_fat')).body['data']).toMatchObject([
      { value: 0.215, unit: 'fraction', device: "Ada's Watch", local_date: '2026-01-06' },
    ]);
    const before = await stateOf(ada);
    expect(await imported(ada, { content, name })).toMatchObject({
      records_created: 0,
      records_unchanged: 12,
    });
    expect(await stateOf(ada)).toEqual(before);
    expect(await undone(ada, done['id'] as string)).toMatchObject({
      records_taken_back: 12,
      records_left: 0,
    });
    expect(await weightsOf(ada)).toEqual([]);
    await until(() => filesOf(app).length === 0);
  });

  it.each([
    [
      'entities',
      'export.xml',
      Buffer.from('<?xml version="1.0"?><!DOCTYPE HealthData [<!ENTITY a "b">]><HealthData/>'),
    ],
    [
      'an archive that becomes 1000 times as large',
      'export.zip',
      zip('export.xml', Buffer.from(few), 4_000_000_000),
    ],
    ['an archive without an export', 'export.zip', zip('notes/readme.md', Buffer.from('a'))],
    ['an archive in an archive', 'export.zip', zip('export.xml', zip('export.xml', Buffer.from(few)))],
    ['half an archive', 'export.zip', zip('export.xml', Buffer.from(few)).subarray(0, 100)],
    ['an archive that is named XML', 'export.xml', zip('export.xml', Buffer.from(few))],
  ])('refuses %s, and leaves nothing', async (_, name, content) => {
    ada = await app.api.register();
    const { status, body } = await upload(ada, { content, name });
    expect([status, body['errors']?.[0].field]).toEqual([422, 'file']);
    await until(() => filesOf(app).length === 0);
    expect((await ada.get(IMPORTS)).body['data']).toEqual([]);
  });

  it('an archive whose damage shows only at its end fails at once, and leaves no file', async () => {
    ada = await app.api.register();
    const rows = Array.from({ length: 4_000 }, (_, row) =>
      record('StepCount', 'count', String((row * 7_919) % 10_007)),
    );
    const content = Buffer.from(document(...rows));
    // Its file is shorter than it says, which shows at the end.
    const archive = zip('export.xml', content, content.length + 100);
    expect(await imported(ada, { content: archive, name: 'export.zip' })).toMatchObject({
      status: 'failed',
      failure: 'archive-damaged',
    });
    await until(() => filesOf(app).length === 0);
  });

  it('a mapping can be a part that says that it is JSON', async () => {
    ada = await app.api.register();
    const send = async (mapping: string) => {
      const part = (head: string, content: string): string =>
        `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
      const answer = await fetch(`${ada.url}${IMPORTS}`, {
        method: 'POST',
        headers: { ...ada.headers, 'content-type': 'multipart/form-data; boundary=x' },
        body: `${part('name="mapping"\r\nContent-Type: application/json', mapping)}${part('name="file"; filename="a.csv"', 'Date,Weight (kg)\n1/2/2026,82.5\n')}--x--\r\n`,
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    expect((await send('{')).status).toBe(400);
    expect(await send('[]')).toMatchObject({ status: 422, body: { errors: [{ field: 'mapping' }] } });
    const { status, body } = await send('{"date_format":"day-month-year"}');
    expect([status, body['mapping']]).toMatchObject([202, { date_format: 'day-month-year' }]);
    expect(await ended(ada, body['id'] as string)).toMatchObject({ status: 'completed', records_created: 1 });
  });

  it('a file that becomes unreadable fails, and what was stored is taken back', async () => {
    ada = await app.api.register();
    const rows = Array.from({ length: 200 }, (_, row) =>
      record('HeartRate', 'count/min', '61').replace(
        '20:30:00',
        `10:${String(row % 60).padStart(2, '0')}:${String(Math.floor(row / 60)).padStart(2, '0')}`,
      ),
    );
    const content = document(...rows, '<Record type="&unknown;"/>');
    const done = await imported(ada, { content, name: 'export.xml' });
    // The rows before the defect are stored, also those of the part of the file that has it.
    expect(done).toMatchObject({
      status: 'failed',
      failure: 'xml-invalid',
      rows_read: 200,
      records_created: 200,
    });
    expect(done['failure_detail']).toContain('200 rows before it');
    await until(() => filesOf(app).length === 0);
    const back = await undone(ada, done['id'] as string);
    expect(back).toMatchObject({ status: 'undone', records_taken_back: done['records_created'] });
    expect((await ada.get('/api/health-metrics/heart_rate')).body['data']).toEqual([]);
  });
});
