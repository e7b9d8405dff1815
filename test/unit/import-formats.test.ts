import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { appleHealthFormat } from '../../src/modules/health/imports/formats/apple-health.format.js';
import { csvRows } from '../../src/modules/health/imports/formats/csv-rows.js';
import type { ImportRow } from '../../src/modules/health/imports/formats/import-format.js';
import { readMoment, readNumber } from '../../src/modules/health/imports/formats/values.js';
import { PlacedTimes } from '../../src/modules/health/imports/placed-times.js';
import { heldBytes, MIB } from '../support/heap.js';

const DOCTYPE =
  '<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record)*>\n<!ATTLIST Record type CDATA #REQUIRED>\n]>';
const xml = (body: string, doctype = DOCTYPE): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${doctype}\n<HealthData locale="de_AT">\n${body}\n</HealthData>\n`;
const record = (type: string, unit: string, value: string, more = ''): string =>
  `<Record type="HKQuantityTypeIdentifier${type}" sourceName="Ada&apos;s Watch" unit="${unit}" startDate="2026-01-06 20:30:00 +0100" endDate="2026-01-06 20:31:00 +0100" value="${value}"${more}/>`;

async function read(text: string, size = 1_000): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  const bytes = Buffer.from(text);
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) =>
    bytes.subarray(part * size, (part + 1) * size),
  );
  for await (const row of appleHealthFormat.read(Readable.from(parts), {})) rows.push(row);
  return rows;
}

describe('the export of Apple Health', () => {
  it('is read in whatever parts it comes', async () => {
    const text = xml(
      `${record('BodyMass', 'lb', '181.5')}\n${record('StepCount', 'count', '120')}\n${record('BodyFatPercentage', '%', '0.215')}\n${record('Unknown', 'x', '1')}\n${record('HeartRate', 'count/min', 'fast')}`,
    );
    const whole = await read(text, 1e6);
    expect(whole).toMatchObject([
      { line: 7, items: [{ metric: 'body_weight', value: 181.5, unit: 'lb', origin: "Ada's Watch" }] },
      { line: 8, items: [{ metric: 'steps', value: 120, unit: 'steps' }] },
      { line: 9, items: [{ metric: 'body_fat', value: 0.215, unit: 'fraction' }] },
      { line: 10, items: [] },
      { line: 11, fault: { field: 'value', code: 'wrong-type' } },
    ]);
    for (const size of [1, 7, 64]) expect(await read(text, size)).toEqual(whole);
  });

  it('joins stages of sleep, and the two values of a blood pressure', async () => {
    const stage = (value: string, from: string, to: string): string =>
      `<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="Watch" startDate="2026-01-0${from}:00 +0100" endDate="2026-01-0${to}:00 +0100" value="HKCategoryValueSleepAnalysis${value}"/>`;
    const pressure = `<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="Cuff" startDate="2026-01-06 20:30:00 +0100" endDate="2026-01-06 20:30:00 +0100">${record('BloodPressureSystolic', 'mmHg', '128')}${record('BloodPressureDiastolic', 'mmHg', '82')}</Correlation>`;
    const rows = await read(
      xml(
        [
          stage('AsleepCore', '6 23:00', '7 01:00'),
          stage('AsleepDeep', '7 01:00', '7 02:00'),
          stage('AsleepREM', '8 00:10', '8 00:40'),
          pressure,
        ].join('\n'),
      ),
    );
    expect(rows).toMatchObject([
      { items: [{ is: 'sleep', stages: [{ stage: 'light' }, { stage: 'deep' }] }] },
      { items: [{ metric: 'blood_pressure', parts: { systolic: 128, diastolic: 82 } }] },
      { items: [{ is: 'sleep', stages: [{ stage: 'rem' }] }] },
    ]);
  });

  it.each([
    ['an entity', xml('', '<!DOCTYPE HealthData [<!ENTITY a "b">]>'), 'xml-entity'],
    [
      'an external entity',
      xml('', '<!DOCTYPE HealthData [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
      'xml-entity',
    ],
    ['the use of an entity', xml('<Record type="&a;"/>'), 'xml-invalid'],
    ['half a document', '<?xml version="1.0"?><HealthData><Record', 'xml-invalid'],
    ['another document', '<html/>', 'xml-root'],
    ['an endless attribute', xml(`<Record type="${'a'.repeat(3_000_000)}"/>`), 'xml-too-long'],
    ['an endless document type', xml('', `<!DOCTYPE HealthData [${' '.repeat(3_000_000)}]>`), 'xml-too-long'],
    ['a deep document', xml('<a>'.repeat(10_000)), 'xml-too-deep'],
  ])('refuses %s', async (_, text, code) => {
    await expect(read(text, 65_536)).rejects.toMatchObject({ code });
  });

  // HALE_IMPORT_MB=1024 npx vitest run --project unit test/unit/import-formats.test.ts
  it('is read in constant memory, however large it is', async () => {
    const megabytes = Number(process.env['HALE_IMPORT_MB'] ?? 64);
    const block = Buffer.from(`${record('HeartRate', 'count/min', '61')}\n`.repeat(300));
    function* document(): Generator<Buffer> {
      yield Buffer.from(`<?xml version="1.0"?>${DOCTYPE}<HealthData>`);
      for (let size = 0; size < megabytes * 1_048_576; size += block.length) yield block;
      yield Buffer.from('</HealthData>');
    }
    const before = heldBytes();
    let [rows, most] = [0, 0];
    for await (const row of appleHealthFormat.read(Readable.from(document()), {})) {
      rows += Number('items' in row);
      if (rows % 50_000 === 0) most = Math.max(most, (heldBytes() - before) / MIB);
    }
    process.stdout.write(`${megabytes} MiB, ${rows} records: the heap grew by ${most.toFixed(1)} MiB\n`);
    expect(rows).toBeGreaterThan(megabytes * 3_000);
    expect(most).toBeLessThan(150);
  }, 600_000);
});

describe('values of files', () => {
  it.each([
    ['1/2/2026 7:05 PM', 'day-month-year', { is: 'local', text: '2026-02-01T19:05:00' }],
    ['1/2/26', 'month-day-year', { is: 'day', text: '2026-01-02' }],
    ['12:00:00 AM', 'month-day-year', undefined],
    ['4/12/2016 12:00:00 AM', 'month-day-year', { is: 'local', text: '2016-04-12T00:00:00' }],
    ['2026-02-30', 'year-month-day', undefined],
    [
      '2026-01-06T20:30:00.5+01:00',
      'year-month-day',
      { is: 'instant', at: new Date('2026-01-06T19:30:00.500Z') },
    ],
    ['1767700000', 'unix-milliseconds', undefined],
    ['1767700000', 'unix-seconds', { is: 'instant', at: new Date(1_767_700_000_000) }],
  ] as const)('%s is read as %s', (text, format, moment) => {
    expect(readMoment(text, format)).toEqual(moment);
  });

  it('numbers are read whole or not at all', () => {
    const cases = ['1,234.5', '1.234,5', '82,5', '82.5', '1,2,3', '', '-', '0x10', '1e3', ' 7 ', '12kg'];
    expect(cases.map((text) => readNumber(text, '.'))).toEqual([
      1234.5,
      undefined,
      undefined,
      82.5,
      undefined,
      undefined,
      undefined,
      undefined,
      1000,
      7,
      undefined,
    ]);
    expect(readNumber('1.234,5', ',')).toBe(1234.5);
    expect(readNumber('82,5', ',')).toBe(82.5);
  });

  it('a row with an open quotation mark does not swallow the next ones', async () => {
    const text = `a,b\r\n1,"2\r\n${Array.from({ length: 80 }, (_, row) => `${row},x\r\n`).join('')}`;
    const rows: unknown[] = [];
    for await (const row of csvRows(Readable.from([Buffer.from(text)]), ',')) rows.push(row);
    expect(rows).toHaveLength(82);
    expect(rows).toContainEqual(expect.objectContaining({ line: 2, fault: expect.anything() }));
  });

  it('an hour that comes twice is two hours', () => {
    const times = new PlacedTimes('America/New_York');
    const hour = { is: 'reading', metric: 'steps', unit: 'steps', value: 1, lastsMs: 3_600_000 } as const;
    const at = (text: string) => times.place({ ...hour, start: { is: 'local', text } }, 'steps');
    const places = ['2016-11-06T01:00:00', '2016-11-06T01:00:00', '2016-11-06T02:00:00'].map(at);
    expect(places.map((place) => place?.start.toISOString())).toEqual([
      '2016-11-06T05:00:00.000Z',
      '2016-11-06T06:00:00.000Z',
      '2016-11-06T07:00:00.000Z',
    ]);
    expect(new Set(places.map((place) => place?.key)).size).toBe(3);
  });
});
