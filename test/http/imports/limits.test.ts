import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ImportLease } from '../../../src/modules/health/imports/import-lease.js';
import { ImportsRepository } from '../../../src/modules/health/imports/imports.repository.js';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { TimeSlice } from '../../../src/platform/time-slice.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import {
  begin,
  ended,
  filesOf,
  HastyPolicy,
  imported,
  IMPORTS,
  many,
  undone,
  upload,
  WEIGHTS,
  weightsOf,
  zip,
} from './support.js';

class TightPolicy extends HastyPolicy {
  override readonly maxBytes: number = 3_000_000;
  override readonly maxRows: number = 300;
  override readonly pace = { bytes: 1_000, perMs: 400 };
}

describe.runIf(hasDatabase())('what one import may cost', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) => builder.overrideProvider(ImportsPolicy).useClass(TightPolicy),
      env: { IMPORT_MAX_SIZE: '2' },
    });
  });
  afterAll(() => app.stop());

  it('a file with too many rows ends at the limit, and what is before it is stored', async () => {
    const ada = await app.api.register();
    const done = await imported(ada, { content: many(400) });
    expect(done).toMatchObject({
      status: 'failed',
      failure: 'too-many-rows',
      rows_read: 300,
      records_created: 300,
    });
    expect(await weightsOf(ada)).toHaveLength(300);
    expect(await undone(ada, done['id'] as string)).toMatchObject({ records_taken_back: 300 });
  });

  it('an archive ends at the limit of what is unpacked', async () => {
    const ada = await app.api.register();
    const xml = Buffer.from(`<HealthData>${'<Other a="b"/>\n'.repeat(400_000)}</HealthData>`);
    expect(xml.length).toBeGreaterThan(5_000_000);
    const done = await imported(ada, { content: zip('export.xml', xml), name: 'export.zip' });
    expect(done).toMatchObject({ status: 'failed', failure: 'too-large', rows_read: 0 });
    expect(done['failure_detail']).toContain('Nothing was stored');
    await until(() => filesOf(app).length === 0);
  });

  it('an upload that arrives too slowly is refused, and its place is free', async () => {
    const ada = await app.api.register();
    const sending = begin(ada);
    const answered = new Promise<number | undefined>((resolve) =>
      sending.once('response', (answer) => resolve(answer.resume().statusCode)),
    );
    expect(await answered).toBe(400);
    sending.destroy();
    await until(() => filesOf(app).length === 0);
    await until(async () => (await ada.get(IMPORTS)).body['pagination'].total === 0);
    expect(await imported(ada, { content: WEIGHTS })).toMatchObject({ records_created: 2 });
  });

  it('a preview of many records gives up turns', async () => {
    const ada = await app.api.register();
    const isOver = vi.spyOn(TimeSlice.prototype, 'isOver', 'get').mockReturnValue(true);
    const turns = vi.spyOn(TimeSlice.prototype, 'next');
    try {
      await imported(ada, { content: many(50), query: '?dry_run=true' });
      // One for each row that is read, and one for each that is compared.
      expect(turns.mock.calls.length).toBeGreaterThanOrEqual(100);
    } finally {
      isOver.mockRestore();
      turns.mockRestore();
    }
  });

  it('a list of imports has no long columns, and its pages are bounded by what it reads', async () => {
    const ada = await app.api.register();
    const bad = `Date,Weight (kg)\n${'x,y\n'.repeat(200)}`;
    const mapping = { date_format: 'year-month-day', time_column: 'Date' };
    const { id } = await imported(ada, { content: bad, mapping, query: '?dry_run=true' });
    const { rows } = {
      rows: await app.app.get(ImportsRepository).page(ada.userId, { limit: 10, offset: 0 }),
    };
    expect(rows.data).toHaveLength(1);
    expect(rows.data[0]).not.toHaveProperty('errors');
    expect((await ada.get(`${IMPORTS}/${id as string}`)).body['errors']).toHaveLength(100);
  });

  it('the longest mapping that is guessed, and the longest errors and names, fit their columns', async () => {
    const ada = await app.api.register();
    const wide = Array.from({ length: 60 }, (_, place) => `Weight ${place} ${'\u{1F6CC}'.repeat(90)}"" (kg)`);
    const head = ['Date', ...wide].map((name) => `"${name}"`).join(',');
    const row = (day: number): string =>
      [`2026-01-${String(day).padStart(2, '0')}`, ...wide.map(() => 'x')].join(',');
    const content = `${head}\n${Array.from({ length: 28 }, (_, day) => row(day + 1)).join('\n')}\n`;
    const { status, body } = await upload(ada, {
      content,
      name: `${'\u{1F6CC}'.repeat(300)}.csv`,
      query: '?dry_run=true',
    });
    expect(status).toBe(202);
    const done = await ended(ada, body['id'] as string);
    expect(done).toMatchObject({ status: 'completed', rows_failed: 28 });
    expect(done['mapping'].values.length).toBeGreaterThan(10);
    expect(Buffer.byteLength(JSON.stringify(done['mapping']))).toBeLessThan(65_535);
  });
});

describe.runIf(hasDatabase())('the history of imports', () => {
  class ShortHistory extends HastyPolicy {
    override readonly keepEnded: number = 3;
    override readonly keepSteps: number = 12;
    override readonly maxSteps: number = 25;
  }

  it('has the newest imports, and the newest one whatever it has changed', async () => {
    const app = await TestApp.start({
      override: (builder) => builder.overrideProvider(ImportsPolicy).useClass(ShortHistory),
    });
    try {
      const ada = await app.api.register();
      const idsOf = async (): Promise<string[]> =>
        ((await ada.get(IMPORTS)).body['data'] as { id: string }[]).map(({ id }) => id).toReversed();
      const ids: string[] = [];
      for (let turn = 0; turn < 5; turn++)
        ids.push((await imported(ada, { content: WEIGHTS.replace('82.5', `8${turn}.5`) }))['id'] as string);
      await until(async () => (await idsOf()).join() === ids.slice(-3).join());
      const steps = 'SELECT DISTINCT import_id AS id FROM import_steps';
      const withSteps = (await app.db.rows(steps)).map(({ id }) => id as string);
      expect(withSteps.toSorted()).toEqual(ids.slice(-3).toSorted());
      expect((await ada.post(`${IMPORTS}/${ids[0]}/undo`)).status).toBe(404);
      // An import with more steps than are kept.
      const large = await imported(ada, { content: many(1_000) });
      await until(async () => (await idsOf()).join() === large['id']);
      expect(await undone(ada, large['id'] as string)).toMatchObject({ status: 'undone', records_left: 0 });
      // One that cannot be taken back as a whole ends before.
      const larger = await imported(ada, { content: many(1_500) });
      expect(larger).toMatchObject({ status: 'failed', failure: 'too-many-rows', rows_read: 1_251 });
      expect(larger['failure_detail']).toContain('divide the file');
      const back = await undone(ada, larger['id'] as string);
      expect(back).toMatchObject({ status: 'undone', records_taken_back: 1_251, records_left: 0 });
    } finally {
      await app.stop();
    }
  });
});

describe.runIf(hasDatabase())('a file without one usable row', () => {
  class EagerPolicy extends HastyPolicy {
    override readonly renewMs: number = 1;
  }
  const content = `<HealthData>${'<Other a="b"/>\n'.repeat(200_000)}</HealthData>`;
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) => builder.overrideProvider(ImportsPolicy).useClass(EagerPolicy),
    });
  });
  afterAll(() => app.stop());

  it('is claimed all the time', async () => {
    const ada = await app.api.register();
    const updates = vi.spyOn(ImportsRepository.prototype, 'update');
    try {
      expect(await imported(ada, { content, name: 'export.xml' })).toMatchObject({
        status: 'completed',
        rows_read: 0,
      });
      const renewals = updates.mock.calls.filter(
        ([{ status }, changes]) => status === 'running' && Object.keys(changes).join() === 'claimedUntil',
      );
      expect(renewals.length).toBeGreaterThan(5);
    } finally {
      updates.mockRestore();
    }
  });

  it('is stopped where it is', async () => {
    const ada = await app.api.register();
    const { renew } = ImportLease.prototype;
    const id = randomUUID();
    const renewals = vi.spyOn(ImportLease.prototype, 'renew').mockImplementation(async function (
      this: ImportLease,
    ) {
      if (renewals.mock.calls.length === 1) await ada.post(`${IMPORTS}/${id}/undo`);
      await setTimeout(2);
      await renew.call(this);
    });
    try {
      await upload(ada, { content, name: 'export.xml', query: `?id=${id}` });
      expect(await ended(ada, id)).toMatchObject({ status: 'undone', rows_read: 0 });
      // The file has many more parts.
      expect(renewals.mock.calls.length).toBeLessThan(5);
    } finally {
      renewals.mockRestore();
    }
  });
});
