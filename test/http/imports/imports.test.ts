import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { IMPORTS, ended, filesOf, hasty, imported, stateOf, undone, upload, weightsOf } from './support.js';

const HEADER = 'Id,Date,WeightKg,WeightPounds,Fat,BMI,IsManualReport,LogId';
const row = (date: string, kg: string): string => `77,${date},${kg},189.1,,,FALSE,1.46044E+12`;
const table = (...rows: string[]): string => `${[HEADER, ...rows].join('\r\n')}\r\n`;
const few = table(
  row('4/12/16 6:47', '85.8'),
  row('4/13/16 23:59', '62.5'),
  row('5/2/2016 11:59:59 PM', '63'),
);

describe.runIf(hasDatabase())('imports', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty });
  });
  afterAll(() => app.stop());
  const register = async (): Promise<Api> => (ada = await app.api.register());

  it('stores the rows of a file, with local times in the zone of the import', async () => {
    await register();
    const done = await imported(ada, { content: few, query: '?time_zone=Europe/Vienna' });
    expect(done).toMatchObject({
      status: 'completed',
      format: 'fitbit_weight',
      rows_read: 3,
      rows_failed: 0,
      records_created: 3,
      errors: [],
      time_zone: 'Europe/Vienna',
      file_name: 'file.csv',
      file_size: few.length,
    });
    expect(await weightsOf(ada)).toMatchObject([
      { weight_value: 63, unit: 'kg', timestamp: '2016-05-02T21:59:59.000Z' },
      { weight_value: 62.5, unit: 'kg', timestamp: '2016-04-13T21:59:00.000Z' },
      { weight_value: 85.8, unit: 'kg', timestamp: '2016-04-12T04:47:00.000Z' },
    ]);
    await until(() => filesOf(app).length === 0);
  });

  it('takes the time zone of the profile', async () => {
    await register();
    await ada.patch('/api/users/me', { time_zone: 'Pacific/Auckland' });
    const done = await imported(ada, { content: few });
    expect(done['time_zone']).toBe('Pacific/Auckland');
    expect((await weightsOf(ada)).at(-1)).toMatchObject({ timestamp: '2016-04-11T18:47:00.000Z' });
  });

  it('a second import of the same file changes nothing', async () => {
    await register();
    await imported(ada, { content: few });
    const before = await stateOf(ada);
    const again = await imported(ada, { content: few });
    expect(again).toMatchObject({ records_created: 0, records_updated: 0, records_unchanged: 3 });
    expect(await stateOf(ada)).toEqual(before);
  });

  it('a second import with another time zone moves the records, and does not double them', async () => {
    await register();
    await imported(ada, { content: few, query: '?time_zone=UTC' });
    const again = await imported(ada, { content: few, query: '?time_zone=Europe/Vienna' });
    expect(again).toMatchObject({ records_created: 0, records_updated: 3 });
    expect((await weightsOf(ada)).map(({ timestamp }) => timestamp)).toEqual([
      '2016-05-02T21:59:59.000Z',
      '2016-04-13T21:59:00.000Z',
      '2016-04-12T04:47:00.000Z',
    ]);
    // What it overwrote comes back.
    expect(await undone(ada, again['id'] as string)).toMatchObject({
      status: 'undone',
      records_taken_back: 3,
    });
    expect((await weightsOf(ada)).at(-1)).toMatchObject({ timestamp: '2016-04-12T06:47:00.000Z' });
  });

  it('two columns of one metric are one record, which can be taken back', async () => {
    await register();
    const values = ['One', 'Two'].map((column) => ({ column, metric: 'body_weight', unit: 'kg' }));
    const done = await imported(ada, {
      content: 'Date,One,Two\n2026-01-13,82.5,82.5\n2026-01-14,82,83\n',
      mapping: { values },
    });
    expect(done).toMatchObject({
      records_created: 1,
      records_unchanged: 1,
      records_updated: 0,
      rows_failed: 1,
    });
    expect(done['errors']).toMatchObject([{ line: 3, code: 'contradiction' }]);
    expect(await undone(ada, done['id'] as string)).toMatchObject({ records_taken_back: 1, records_left: 0 });
    expect(await weightsOf(ada)).toEqual([]);
  });

  it('stores every good row of a file with bad ones, and names the lines of the bad ones', async () => {
    await register();
    const content = table(
      row('4/12/16 6:47', '85.8'),
      row('2/30/16 6:47', '85.8'),
      row('4/14/16 6:47', 'heavy'),
      row('4/15/16 6:47', '8580'),
      '77,4/16/16 6:47,80',
      `77,"4/17/16" 6:47,80,,,,,`,
      row('', '80'),
      row('4/12/16 6:47', '85.9'),
      row('4/12/16 6:47', '85.8'),
      row('4/18/16 6:47', ''),
      row('4/19/16 6:47', '79.5'),
    );
    const done = await imported(ada, { content });
    expect(done).toMatchObject({
      status: 'completed',
      rows_read: 11,
      rows_failed: 7,
      rows_skipped: 1,
      records_created: 2,
      records_unchanged: 1,
    });
    expect(done['errors']).toMatchObject([
      { line: 3, field: 'Date', code: 'invalid' },
      { line: 4, field: 'WeightKg', code: 'wrong-type' },
      { line: 5, field: 'weight_value', code: 'out-of-range' },
      { line: 6, field: 'row', code: 'unreadable' },
      { line: 7, field: 'Date', code: 'invalid' },
      { line: 8, field: 'Date', code: 'invalid' },
      { line: 9, field: 'row', code: 'contradiction' },
    ]);
    expect(JSON.stringify(done['errors'])).not.toMatch(/heavy|8580/);
    expect((await weightsOf(ada)).map(({ weight_value }) => weight_value)).toEqual([79.5, 85.8]);
  });

  it('a dry run shows what would be stored, and stores nothing', async () => {
    await register();
    await imported(ada, { content: table(row('4/12/16 6:47', '85.8')) });
    const before = await stateOf(ada);
    const dry = await imported(ada, { content: few, query: '?dry_run=true' });
    expect(dry).toMatchObject({ dry_run: true, records_created: 2, records_unchanged: 1 });
    const weights = [
      { weight_value: 85.8, timestamp: '2016-04-12T06:47:00.000Z' },
      { weight_value: 62.5, timestamp: '2016-04-13T23:59:00.000Z' },
      { weight_value: 63, timestamp: '2016-05-02T23:59:59.000Z' },
    ];
    const derived = {
      unit: 'kg',
      source: 'fitbit',
      external_id: expect.stringMatching(/^fitbit_weight:[\w-]{22}$/),
      device: null,
      time_zone: 'UTC',
    };
    expect(dry['preview']).toEqual(
      weights.map((one, index) => ({
        line: 2 + index,
        records: [{ kind: 'weight', fields: { ...one, ...derived } }],
      })),
    );
    expect(await stateOf(ada)).toEqual(before);
  });

  it('reads a table of any program, as guessed, and shows what it guessed', async () => {
    await register();
    const content =
      '\uFEFFDatum;Uhrzeit;Gewicht (kg);Notiz\n13.01.2026;07:05;82,4;"nach; dem Lauf"\n14.01.2026;07:15;1.082,4;\n15.01.2026;;82,1;x\n';
    const done = await imported(ada, { content, query: '?time_zone=Europe/Berlin' });
    expect(done['mapping']).toEqual({
      delimiter: ';',
      decimal: ',',
      date_format: 'day-month-year',
      time_column: 'Datum',
      clock_column: 'Uhrzeit',
      note_column: 'Notiz',
      values: [{ column: 'Gewicht (kg)', metric: 'body_weight', unit: 'kg' }],
    });
    expect(done).toMatchObject({ format: 'csv', records_created: 2, rows_failed: 1 });
    expect(await weightsOf(ada)).toMatchObject([
      // A day without a time is noon there.
      { weight_value: 82.1, timestamp: '2026-01-15T11:00:00.000Z' },
      { weight_value: 82.4, timestamp: '2026-01-13T06:05:00.000Z' },
    ]);
  });

  it('does not guess between day and month, or a unit', async () => {
    await register();
    const content = 'date,weight\n1/2/2026 7:00,180\n3/4/2026 7:00,181\n';
    const refused = await upload(ada, { content });
    expect([refused.status, refused.body['errors']]).toMatchObject([
      422,
      [{ field: 'mapping.date_format' }, { field: 'mapping.values' }],
    ]);
    await until(() => filesOf(app).length === 0);
    const mapping = {
      date_format: 'month-day-year',
      values: [{ column: 'weight', metric: 'body_weight', unit: 'lb' }],
    };
    const done = await imported(ada, { content, mapping, query: '?time_zone=UTC' });
    expect(done).toMatchObject({ records_created: 2 });
    expect(await weightsOf(ada)).toMatchObject([
      { weight_value: 181, unit: 'lb', timestamp: '2026-03-04T07:00:00.000Z' },
      { weight_value: 180, unit: 'lb', timestamp: '2026-01-02T07:00:00.000Z' },
    ]);
  });

  it('lists imports, the newest first, and shows them to nobody else', async () => {
    await register();
    const one = await imported(ada, { content: few });
    const two = await imported(ada, { content: few });
    const { body } = await ada.get(IMPORTS);
    expect(body['data'].map(({ id }: { id: string }) => id)).toEqual([two['id'], one['id']]);
    const [newest, oldest] = [await ada.get(`${IMPORTS}?limit=1`), undefined];
    const next = newest.body['pagination'].next as string;
    expect((await ada.get(`${IMPORTS}?limit=1&cursor=${next}`)).body['data']).toMatchObject([
      { id: one['id'] },
    ]);
    expect(oldest).toBeUndefined();
    const eve = await app.api.register();
    expect((await eve.get(`${IMPORTS}/${one['id']}`)).status).toBe(404);
    expect((await eve.post(`${IMPORTS}/${one['id']}/undo`)).status).toBe(404);
    expect((await eve.get(IMPORTS)).body['data']).toEqual([]);
    expect(await weightsOf(ada)).toHaveLength(3);
  });

  it('a retry of an upload is the same import', async () => {
    await register();
    const id = '019b9500-a0c8-7f03-8a17-5e2d9c4b6a11';
    const sent = { content: few, query: `?id=${id}` };
    expect((await upload(ada, sent)).body).toMatchObject({ id });
    await ended(ada, id);
    expect(await upload(ada, sent)).toMatchObject({ status: 202, body: { id, status: 'completed' } });
    const keyed = ada.with({ 'idempotency-key': 'a key' });
    const first = await imported(keyed, { content: few });
    expect((await upload(keyed, { content: few })).body).toMatchObject({ id: first['id'] });
    expect((await ada.get(IMPORTS)).body['pagination'].total).toBe(2);
    // Another request with the same key is refused.
    for (const [who, other] of [
      [ada, { content: few, query: `?id=${id}&on_changed=replace` }],
      [ada, { content: few, query: `?id=${id}&dry_run=true` }],
      [keyed, { content: few.repeat(400) }],
      [keyed, { content: few, query: '?time_zone=Pacific/Apia' }],
    ] as const)
      expect(await upload(who, other)).toMatchObject({
        status: 422,
        body: { type: '/problems/idempotency-key-reused' },
      });
  });
});
