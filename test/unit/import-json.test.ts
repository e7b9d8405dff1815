import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { allFormats, formatOf } from '../../src/modules/health/imports/formats/formats.js';
import type { ImportRow } from '../../src/modules/health/imports/formats/import-format.js';
import { JsonDocument } from '../../src/modules/health/imports/formats/json-document.js';
import { jsonRecords } from '../../src/modules/health/imports/formats/json-records.js';
import { heldBytes, MIB } from '../support/heap.js';

function partsOf(text: string | Buffer, size: number): Readable {
  const bytes = Buffer.from(text);
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) =>
      bytes.subarray(part * size, (part + 1) * size),
    ),
  );
}

type Found = string;

/** The records of a text as `line:number:list value`, and what ended it. */
async function read(text: string | Buffer, size = 65_536): Promise<Found[]> {
  const found: Found[] = [];
  try {
    for await (const row of jsonRecords(partsOf(text, size), (name) => name === 'records'))
      found.push(
        'fault' in row
          ? `${row.line}:${row.record} fault`
          : `${row.line}:${row.record}:${row.list ?? ''} ${JSON.stringify(row.value)}`,
      );
  } catch (error) {
    found.push((error as { code: string }).code);
  }
  return found;
}

describe('records of JSON files', () => {
  const a = '{"a":"\\u00e4{[\\"","b":[1,-2.5e3,null,true,{"c":{}}]}';
  const plain = JSON.stringify(JSON.parse(a));

  it.each([
    ['a list', `[\n${a},\n${a}]`, [`2:1: ${plain}`, `3:2: ${plain}`]],
    [
      'an object with a list',
      `{"v":{"x":[1]},\n"records":[${a},\n${a}],"n":1}`,
      [`2:1:records ${plain}`, `3:2:records ${plain}`],
    ],
    [
      'an object on one line with a list',
      `{"records":[${a},${a}]}`,
      [`1:1:records ${plain}`, `1:2:records ${plain}`],
    ],
    ['an object', '{\n"a": 1,\n"records2": [{}]\n}', ['1:1: {"a":1,"records2":[{}]}']],
    ['an object on each line', `${a}\n\n${a}\r\n${a}`, [`1:1: ${plain}`, `3:2: ${plain}`, `4:3: ${plain}`]],
    ['an empty list', '[]', []],
    ['a file with a mark', `\uFEFF[${a}]`, [`1:1: ${plain}`]],
    ['other values in a list', '[1,\n"a",[{}],{}]', ['1:1 fault', '2:2 fault', '2:3 fault', '2:4: {}']],
    [
      'a wrong line',
      `{"a":1}\n{"a":\n1\n{"a":2}`,
      ['1:1: {"a":1}', '2:2 fault', '3:3 fault', '4:4: {"a":2}'],
    ],
    [
      'names of the language',
      '[{"__proto__":{"x":1},"constructor":2}]',
      ['1:1: {"__proto__":{"x":1},"constructor":2}'],
    ],
    ['a list that breaks off', '[{"a":1},{"a"', ['1:1: {"a":1}', 'json-invalid']],
    ['a list without its end', '[{"a":1}', ['1:1: {"a":1}', 'json-invalid']],
    ['two commas', '[{"a":1},,{"a":2}]', ['1:1: {"a":1}', 'json-invalid']],
    ['a comma at the end', '[{"a":1},]', ['1:1: {"a":1}', 'json-invalid']],
    ['a missing colon', '[{"a" 1}]', ['json-invalid']],
    ['another bracket', '[{"a":1]]', ['json-invalid']],
    ['a name without marks', '[{a:1}]', ['json-invalid']],
    ['text after the end', '[{"a":1}] {"b"', ['1:1: {"a":1}', 'json-invalid']],
    ['a number', '12', ['json-root']],
    [
      'a deep line',
      `{"a":1}\n{"b":${'['.repeat(100)}${']'.repeat(100)}}\n{"c":1}`,
      ['1:1: {"a":1}', 'json-too-deep'],
    ],
    ['a deep first line', `{"b":${'['.repeat(100)}${']'.repeat(100)}}\n{"c":1}`, ['json-too-deep']],
    [
      'lines with lists, of which one breaks off',
      `{"records":[${a}],"x":1}\n{"records":[${a},\n[${a}]\n{"records":[]}\n {"records":[${a}]}`,
      [`1:1:records ${plain}`, '2:2 fault', '3:3 fault', `5:4:records ${plain}`],
    ],
    ['lines after a mark', `\uFEFF{"a":1}\n{"a":2}`, ['1:1: {"a":1}', '2:2: {"a":2}']],
    ['a deep list', `[${'['.repeat(100)}`, ['json-too-deep']],
    ['a deep object', `{"records":[${'{"a":'.repeat(100)}`, ['json-too-deep']],
  ])('%s', async (_, text, records) => {
    expect(await read(text)).toEqual(records);
    for (const size of [1, 3, 17]) expect(await read(text, size)).toEqual(records);
  });

  it('of a record that is too long only its place is known, and the next ones are read', async () => {
    const long = `{"a":[${'"aaaaaaaaaa",'.repeat(150_000)}1]}`;
    const after = [`1:1 fault`, '2:2: {"b":1}'];
    expect(await read(`[${long},\n{"b":1}]`)).toEqual(after);
    expect(await read(`{"b":0}\n${long}\n{"b":1}`)).toEqual(['1:1: {"b":0}', '2:2 fault', '3:3: {"b":1}']);
    expect(await read(`{"records":[${long},\n{"b":1}]}`)).toEqual(['1:1 fault', '2:2:records {"b":1}']);
    expect(await read(`{"x":${long},"records":[{"b":1}]}`)).toEqual(['1:1:records {"b":1}']);
    expect(await read(long)).toEqual(['1:1 fault']);
  });

  it('nothing is kept of an object between its lists', async () => {
    const document = new JsonDocument((name) => name === 'records', 1_048_576);
    document.write(Buffer.from('{"x":1,"records":[{"a":1}]'));
    const before = heldBytes();
    let records = 0;
    for (let turn = 0; turn < 60; turn++) {
      const text = `${turn}`.padEnd(500_000, 'a');
      document.write(Buffer.from(`,"a${turn}":"${text}","b${turn}":[{"c":"${text}"}],"records":[{"a":1}]`));
      records += document.take().length;
    }
    expect(records).toBe(61);
    expect((heldBytes() - before) / MIB).toBeLessThan(10);
    expect(await read('{"x":1,\n"records":[{"a":1}],"y":{"z":[2]},"records":[{"b":1}],"w":3}')).toEqual([
      '2:1:records {"a":1}',
      '2:2:records {"b":1}',
    ]);
  });

  it('an object after one with lists is a record', async () => {
    expect(await read('{\n"records":[{"a":1}]}\n{"b":1}\n{"records":[{"c":1}]}')).toEqual([
      '2:1:records {"a":1}',
      '3:2: {"b":1}',
      '4:3:records {"c":1}',
    ]);
  });

  it('a record of very many empty objects is too long', async () => {
    const many = `[${'{},'.repeat(100_000)}{}]`;
    expect(await read(`[{"a":${many}},\n{"b":1}]`)).toEqual(['1:1 fault', '2:2: {"b":1}']);
    // So it is on a line of its own, whichever it is.
    expect(await read(`{"a":${many}}\n{"b":1}`)).toEqual(['1:1 fault', '2:2: {"b":1}']);
    expect(await read(`{"b":1}\n{"a":${many}}`)).toEqual(['1:1: {"b":1}', '2:2 fault']);
  });

  it('a line that is not in UTF-8 is refused, as it is in a document', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":1}\n{"b":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}\n{"c":"\u00e4"}'),
    ]);
    for (const size of [1, 5, 65_536])
      expect(await read(bytes, size)).toEqual(['1:1: {"a":1}', '2:2 fault', '3:3: {"c":"\u00e4"}']);
  });

  const LONG = `{"records":[{"a":[${`"${'a'.repeat(1_000)}",`.repeat(980)}1]}]`;

  it.each([
    ['a first line that is not whole', `${LONG},\n"c":1}`],
    ['each line', `{"b":1}\n${LONG}}`],
    ['the first line', `${LONG}}\n{"b":1}`],
  ])('%s of a megabyte is read in slices, with turns for others between them', async (_, text) => {
    const write = vi.spyOn(JsonDocument.prototype, 'write');
    const parse = vi.spyOn(JSON, 'parse');
    await read(text);
    const lengths = write.mock.calls.map(([part]) => part.length);
    const parsed = parse.mock.calls.length;
    write.mockRestore();
    parse.mockRestore();
    expect(Math.max(...lengths)).toBeLessThanOrEqual(65_536);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(text.length - 100);
    expect(parsed).toBe(0);
  });

  it('a text without an end is not kept', async () => {
    const endless = Buffer.concat([Buffer.from('[{"a":"'), Buffer.alloc(5_000_000, 'a')]);
    expect(await read(endless)).toEqual(['json-too-long']);
  });
});

// HALE_IMPORT_MB=1024 npx vitest run --project unit test/unit/import-json.test.ts
describe.each([
  [
    'health_connect',
    '{"recordType":"HeartRateRecord","startTime":"2026-01-06T19:30:00Z","endTime":"2026-01-06T19:31:00Z","startZoneOffset":{"totalSeconds":3600},"samples":[{"time":"2026-01-06T19:30:00Z","beatsPerMinute":61}],"metadata":{"id":"7f0d","dataOrigin":"com.example.watch"}}',
  ],
  [
    'open_mhealth',
    '{"header":{"uuid":"7f0d","schema_id":{"namespace":"omh","name":"heart-rate","version":"2.0"}},"body":{"heart_rate":{"value":61,"unit":"beats/min"},"effective_time_frame":{"date_time":"2026-01-06T20:30:00+01:00"}}}',
  ],
])('a file of the format %s', (name, record) => {
  it.each([
    ['a list', '[', ',', ']'],
    ['lines', '', '\n', ''],
    ['an object on one line', '{"records":[', ',', ']}'],
  ])(
    'is read in constant memory, however large it is, as %s',
    async (_, begin, between, end) => {
      const megabytes = Number(process.env['HALE_IMPORT_MB'] ?? 8);
      const block = Buffer.from(`${record}${between}`.repeat(250));
      function* document(): Generator<Buffer> {
        yield Buffer.from(begin);
        for (let size = 0; size < megabytes * 1_048_576; size += block.length) yield block;
        yield Buffer.from(`${record}${end}`);
      }
      const before = heldBytes();
      let [rows, most] = [0, 0];
      for await (const row of formatOf(name).read(Readable.from(document()), {})) {
        rows += Number('items' in row && row.items.length === 1);
        if (rows % 20_000 === 0) most = Math.max(most, (heldBytes() - before) / MIB);
      }
      process.stdout.write(`${megabytes} MiB, ${rows} records: the heap grew by ${most.toFixed(1)} MiB\n`);
      expect(rows).toBeGreaterThan((megabytes * 1_048_576) / (record.length + 2) - 1_000);
      expect(most).toBeLessThan(150);
    },
    600_000,
  );
});

describe('names of the language in files', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];
  const rowsOf = async (format: string, text: string): Promise<ImportRow[]> => {
    const rows: ImportRow[] = [];
    for await (const row of formatOf(format).read(partsOf(text, 65_536), {})) rows.push(row);
    return rows;
  };

  it.each(names)('%s is no unit, type, stage or schema', async (name) => {
    const metadata = { id: name, dataOrigin: name };
    const time = '2026-01-06T19:30:00Z';
    const connect = [
      { recordType: name, time },
      { recordType: 'WeightRecord', time, weight: { value: 82, unit: name }, metadata },
      { recordType: 'WeightRecord', time, weight: { [`in${name}`]: 82 }, metadata },
      {
        recordType: 'BloodGlucoseRecord',
        time,
        level: { value: 5, unit: 'millimolesPerLiter' },
        mealType: name,
        relationToMeal: name,
      },
      {
        recordType: 'SleepSessionRecord',
        startTime: time,
        endTime: '2026-01-06T20:30:00Z',
        stages: [{ startTime: time, endTime: '2026-01-06T20:30:00Z', stage: name }],
      },
    ];
    expect(await rowsOf('health_connect', JSON.stringify(connect))).toMatchObject([
      { items: [] },
      { items: [{ unit: name }] },
      { fault: { field: 'weight' } },
      { items: [expect.not.objectContaining({ context: expect.anything() })] },
      { fault: { field: 'stages.0.stage' } },
    ]);
    const point = (schema: string, body: object) => ({
      header: { schema_id: { namespace: 'omh', name: schema } },
      body: { effective_time_frame: { date_time: time }, ...body },
    });
    const points = [
      point(name, {}),
      point('body-weight', { body_weight: { value: 82, unit: name } }),
      point('sleep-duration', { sleep_duration: { value: 8, unit: name } }),
    ];
    expect(await rowsOf('open_mhealth', JSON.stringify(points))).toMatchObject([
      { items: [] },
      { items: [{ unit: name }] },
      { fault: { field: 'sleep_duration' } },
    ]);
    const apple = (type: string, unit: string, value: string): string =>
      `<Record type="${type}" unit="${unit}" startDate="2026-01-06 20:30:00 +0100" endDate="2026-01-06 20:31:00 +0100" value="${value}"/>`;
    const xml = `<HealthData>${apple(`HKQuantityTypeIdentifier${name}`, 'kg', '1')}${apple('HKQuantityTypeIdentifierBodyMass', name, '82')}${apple('HKCategoryTypeIdentifierSleepAnalysis', '', name)}</HealthData>`;
    expect(await rowsOf('apple_health', xml)).toMatchObject([
      { items: [] },
      { items: [{ unit: name }] },
      { items: [] },
    ]);
  });

  it('is no format', () => {
    for (const name of names) expect(allFormats.some((format) => format.name === name)).toBe(false);
  });
});
