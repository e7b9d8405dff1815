import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ImportLeftovers } from '../../../src/modules/health/imports/import-leftovers.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import {
  begin,
  ended,
  filesOf,
  keeping,
  imported,
  IMPORTS,
  many,
  undone,
  upload,
  WEIGHTS,
  weightsOf,
} from './support.js';

const DRY = '?dry_run=true&time_zone=UTC';

describe.runIf(hasDatabase())('a previewed import', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: keeping });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    ada = await app.api.register();
  });
  const start = (id: unknown, body: object = {}): Promise<Answer> =>
    ada.post(`${IMPORTS}/${id as string}/start`, body);

  it('is started without another upload, and its file is gone afterwards', async () => {
    const { id, file_until } = await imported(ada, { content: WEIGHTS, query: DRY });
    expect(Date.parse(file_until as string)).toBeGreaterThan(Date.now());
    expect(filesOf(app)).toHaveLength(1);
    expect(await weightsOf(ada)).toEqual([]);
    expect(await start(id)).toMatchObject({
      status: 202,
      body: { id, dry_run: false, preview: [], file_until: null },
    });
    expect(await ended(ada, id as string)).toMatchObject({
      status: 'completed',
      records_created: 2,
      rows_read: 2,
    });
    await until(() => filesOf(app).length === 0);
    expect(await weightsOf(ada)).toHaveLength(2);
    // A retry is answered with the same import.
    expect(await start(id)).toMatchObject({ status: 202, body: { status: 'completed' } });
    expect(await undone(ada, id as string)).toMatchObject({ records_taken_back: 2 });
  });

  it('is started with what the file does not decide', async () => {
    const content = 'date,weight\n1/2/2026 7:00,180\n3/4/2026 7:00,181\n';
    const { id, undecided } = await imported(ada, { content, query: DRY });
    expect(undecided).toEqual(['date_format', 'values']);
    const pressure = [{ column: 'weight', metric: 'blood_pressure', unit: 'mmHg' }];
    const composite = await start(id, { mapping: { date_format: 'month-day-year', values: pressure } });
    expect([composite.status, composite.body['errors'][0].field]).toEqual([422, 'mapping.values.0.metric']);
    const refused = await start(id);
    expect([refused.status, refused.body['errors']]).toMatchObject([
      422,
      [{ field: 'mapping.date_format' }, { field: 'mapping.values' }],
    ]);
    const values = [{ column: 'weight', metric: 'body_weight', unit: 'lb' }];
    const wrong = await start(id, {
      mapping: { date_format: 'month-day-year', values: [{ ...values[0], metric: 'x' }] },
    });
    expect([wrong.status, wrong.body['errors'][0].field]).toEqual([422, 'mapping.values.0.metric']);
    expect(
      (await start(id, { mapping: { date_format: 'month-day-year', values }, time_zone: 'Europe/Vienna' }))
        .status,
    ).toBe(202);
    await ended(ada, id as string);
    expect(await weightsOf(ada)).toMatchObject([
      { weight_value: 181, unit: 'lb', timestamp: '2026-03-04T06:00:00.000Z' },
      { weight_value: 180, unit: 'lb', timestamp: '2026-01-02T06:00:00.000Z' },
    ]);
  });

  it('shows its columns, and is previewed again with what the person chose', async () => {
    const content = 'When;Kilos;\n06.01.2026 07:00;75,5;\n07.01.2026 07:00;;x\n';
    const { id, undecided, columns } = await imported(ada, { content, query: DRY });
    expect(columns).toEqual([
      { name: 'When', sample: '06.01.2026 07:00' },
      { name: 'Kilos', sample: '75,5' },
      { name: '', sample: 'x' },
    ]);
    expect(undecided).toEqual(['time_column', 'date_format', 'decimal', 'values']);
    const mapping = {
      time_column: 'When',
      date_format: 'day-month-year',
      decimal: '.',
      values: [{ column: 'Kilos', metric: 'body_weight', unit: 'kg' }],
    };
    expect(await start(id, { mapping, dry_run: true })).toMatchObject({
      status: 202,
      body: { dry_run: true, undecided: null },
    });
    expect(await ended(ada, id as string)).toMatchObject({ rows_failed: 1, records_created: 0, columns });
    expect((await start(id, { mapping: { decimal: ',' }, dry_run: true })).status).toBe(202);
    expect(await ended(ada, id as string)).toMatchObject({
      rows_failed: 0,
      errors: [],
      preview: [{ records: [{ fields: { weight_value: 75.5 } }] }, { records: [] }],
    });
    expect(await weightsOf(ada)).toEqual([]);
    expect(filesOf(app)).toHaveLength(1);
    expect((await start(id)).status).toBe(202);
    expect(await ended(ada, id as string)).toMatchObject({ dry_run: false, records_created: 1 });
    expect(await weightsOf(ada)).toMatchObject([{ weight_value: 75.5 }]);
    await until(() => filesOf(app).length === 0);
  });

  // An export of Fitabase has the id of the account in each row.
  const ACCOUNT = `Id,Date,WeightKg\n${[1, 2, 3, 4].map((day) => `1503960366,2026-01-0${day} 07:00,8${day}\n`).join('')}`;
  const VALUES = { values: [{ column: 'WeightKg', metric: 'body_weight', unit: 'kg' }] };

  it('does not take a column for an id that has the same text in several rows', async () => {
    const done = await imported(ada, { content: ACCOUNT, query: '?time_zone=UTC', mapping: VALUES });
    expect(done).toMatchObject({ rows_failed: 0, records_created: 4 });
    expect(done['mapping']).not.toHaveProperty('id_column');
  });

  it('leaves out each column that was guessed when it is set to null, in an upload and at the start', async () => {
    const content =
      'Id,Date,Time,WeightKg,Until,Note\n7,2026-01-06,07:00,80,open,first\n8,2026-01-07,08:00,81,open,\n';
    const guessed = { id_column: 'Id', clock_column: 'Time', end_column: 'Until', note_column: 'Note' };
    const none = { id_column: null, clock_column: null, end_column: null, note_column: null };
    const preview = await imported(ada, { content, query: DRY, mapping: VALUES });
    expect(preview).toMatchObject({ mapping: guessed, rows_failed: 2 });
    const sent = { ...VALUES, ...none };
    expect(await imported(ada, { content, query: DRY, mapping: sent })).toMatchObject({
      mapping: none,
      rows_failed: 0,
      records_created: 2,
    });
    const { id } = await imported(ada, { content, query: DRY, mapping: VALUES });
    expect((await start(id, { mapping: { ...none, clock_column: 'Time' } })).status).toBe(202);
    expect(await ended(ada, id as string)).toMatchObject({
      mapping: { ...none, clock_column: 'Time' },
      rows_failed: 0,
    });
    expect(await weightsOf(ada)).toMatchObject([
      { timestamp: '2026-01-07T08:00:00.000Z', external_id: expect.stringMatching(/^csv:/) },
      { timestamp: '2026-01-06T07:00:00.000Z' },
    ]);
  });

  it('of a burst of starts one runs', async () => {
    const { id } = await imported(ada, { content: many(300), query: DRY });
    const answers = await Promise.all(Array.from({ length: 8 }, () => start(id)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
    expect(await ended(ada, id as string)).toMatchObject({
      rows_read: 300,
      records_created: 300,
      records_unchanged: 0,
    });
    await until(() => filesOf(app).length === 0);
  });

  it('of two previews the file of the last one is kept', async () => {
    const first = await imported(ada, { content: WEIGHTS, query: DRY });
    const second = await imported(ada, { content: many(20), query: DRY });
    await until(() => filesOf(app).length === 1);
    const refused = await start(first['id']);
    expect([refused.status, refused.body['errors'][0].field]).toEqual([422, 'id']);
    expect((await start(second['id'])).status).toBe(202);
    expect(await ended(ada, second['id'] as string)).toMatchObject({ records_created: 20 });
    await until(() => filesOf(app).length === 0);
  });

  it('cannot be started after its time, or by others, and nothing stays on the disk', async () => {
    const { id } = await imported(ada, { content: WEIGHTS, query: DRY });
    const eve = await app.api.register();
    expect((await eve.post(`${IMPORTS}/${id as string}/start`, {})).status).toBe(404);
    await app.app
      .get(UnitOfWork)
      .run(() => app.db.execute('UPDATE imports SET file_until = finished_at WHERE id = ?', [id as string]));
    expect((await start(id)).status).toBe(422);
    await app.app.get(ImportLeftovers).sweep();
    expect(filesOf(app)).toEqual([]);
  });

  it('leaves no file when its account is erased', async () => {
    const eve = await app.api.register();
    await imported(eve, { content: WEIGHTS, query: DRY });
    await imported(ada, { content: WEIGHTS, query: DRY });
    const ben = await app.api.register();
    const sending = begin(ben);
    await until(() => filesOf(app).length === 3);
    for (const person of [ada, ben]) expect((await person.delete('/api/users/me')).status).toBe(204);
    // Those of others stay.
    await until(() => filesOf(app).length === 1);
    expect(filesOf(app)[0]).toContain(eve.userId);
    sending.destroy();
    await eve.delete('/api/users/me');
    await until(() => filesOf(app).length === 0);
  });

  it('waits for nothing else of the person', async () => {
    const { id } = await imported(ada, { content: WEIGHTS, query: DRY });
    const { body } = await upload(ada, { content: many(2_000) });
    expect((await start(id)).status).toBe(403);
    await ended(ada, body['id'] as string);
    expect((await start(id)).status).toBe(202);
    await ended(ada, id as string);
    await until(() => filesOf(app).length === 0);
  });
});
