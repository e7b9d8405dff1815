import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileOf, ImportFiles } from '../../../src/modules/health/imports/import-files.js';
import { ImportLeftovers } from '../../../src/modules/health/imports/import-leftovers.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { ImportsRepository } from '../../../src/modules/health/imports/imports.repository.js';
import {
  HastyPolicy,
  IMPORTS,
  WEIGHTS,
  begin,
  ended,
  filesOf,
  hasty,
  imported,
  many,
  undone,
  upload,
  weightsOf,
} from './support.js';

describe.runIf(hasDatabase())('imports that run', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: hasty, env: { IMPORT_MAX_SIZE: '1', IMPORTS_AT_ONCE: '3' } });
  });
  afterAll(() => app.stop());

  it('takes back an import that was given up', async () => {
    ada = await app.api.register();
    const done = await imported(ada, { content: WEIGHTS });
    await app.app
      .get(UnitOfWork)
      .run(() =>
        app.db.execute(
          "UPDATE imports SET attempts = 30, status = 'failed', updated_at = created_at WHERE id = ?",
          [done['id'] as string],
        ),
      );
    expect(await undone(ada, done['id'] as string)).toMatchObject({
      status: 'undone',
      records_taken_back: 2,
    });
    expect(await weightsOf(ada)).toEqual([]);
  });

  it('an import that waits for the instance with its file is not ended as lost', async () => {
    ada = await app.api.register();
    begin(ada);
    await until(() => filesOf(app).length === 1);
    const jobs = app.app.get(ImportsRepository);
    const find = async () => (await jobs.underWay()).find(({ userId }) => userId === ada.userId);
    const job = (await find())!;
    const hoursAgo = new Date(Date.now() - 7_200_000);
    const waits = {
      status: 'waiting',
      updatedAt: hoursAgo,
      claimedUntil: new Date(Date.now() + 3_600_000),
    } as const;
    await app.app.get(UnitOfWork).run(() => jobs.update(job, waits));
    await until(async () => (await find())!.updatedAt > hoursAgo);
    await ada.delete('/api/users/me');
    await app.app.get(ImportFiles).remove(fileOf(job));
  });

  it('a short import, a preview and an undo do not wait until two long imports have ended', async () => {
    const [one, other, bob] = [
      await app.api.register(),
      await app.api.register(),
      await app.api.register({ time_zone: 'UTC' }),
    ];
    const done = await imported(bob, { content: WEIGHTS });
    const hours = Array.from({ length: 40_000 }, (_, hour) =>
      new Date(hour * 3_600_000).toISOString().slice(0, 16),
    );
    const content = `Date,Weight (kg)\n${hours.map((time) => `${time},80\n`).join('')}`;
    const long = await Promise.all([one, other].map((person) => upload(person, { content })));
    const statesOf = (): Promise<unknown[]> =>
      Promise.all(
        [one, other].map(
          async (person, index) => (await person.get(`${IMPORTS}/${long[index]!.body['id']}`)).body['status'],
        ),
      );
    await until(async () => (await statesOf()).every((status) => status === 'running'));
    expect(await undone(bob, done['id'] as string)).toMatchObject({ records_taken_back: 2 });
    expect(await imported(bob, { content: WEIGHTS, query: '?dry_run=true' })).toMatchObject({
      status: 'completed',
    });
    expect(await imported(bob, { content: WEIGHTS })).toMatchObject({ status: 'completed' });
    expect(await statesOf()).toEqual(['running', 'running']);
    for (const person of [one, other]) await person.delete('/api/users/me');
  });

  it('removes an old import with all its steps, and one that is under way stays', async () => {
    ada = await app.api.register();
    const done = await imported(ada, { content: many(1_500) });
    const id = done['id'] as string;
    const jobs = app.app.get(ImportsRepository);
    const unitOfWork = app.app.get(UnitOfWork);
    const { userId } = (
      (await app.db.rows('SELECT user_id AS userId FROM imports WHERE id = ?', [id])) as {
        userId: string;
      }[]
    )[0]!;
    const job = (await jobs.find(userId, id))!;
    const finishedAt = new Date(Date.now() - 31 * 86_400_000);
    await unitOfWork.run(() => jobs.update(job, { slot: 3, finishedAt }));
    expect(await unitOfWork.run(() => jobs.close({ ...job, finishedAt }))).toBe(false);
    expect(await jobs.find(userId, id)).not.toBeNull();
    await unitOfWork.run(() => jobs.update(job, { slot: null, finishedAt }));
    // What may be removed at any moment cannot be taken back.
    expect((await ada.post(`${IMPORTS}/${id}/undo`)).status).toBe(404);
    await app.app.get(ImportLeftovers).sweep();
    expect(await jobs.find(userId, id)).toBeNull();
    expect(await app.db.rows('SELECT step FROM import_steps WHERE import_id = ?', [id])).toEqual([]);
    expect(await weightsOf(ada)).not.toEqual([]);
  });

  it('an undo is answered at whatever moment of an import it comes', async () => {
    ada = await app.api.register();
    for (let turn = 0; turn < 8; turn++) {
      const { body } = await upload(ada, { content: many(60) });
      const statuses = await Promise.all(
        [1, 2, 3].map(async () => (await ada.post(`${IMPORTS}/${body['id']}/undo`)).status),
      );
      expect(statuses).toEqual([202, 202, 202]);
      await ended(ada, body['id'] as string);
    }
    expect(await weightsOf(ada)).toEqual([]);
  });

  it('of a burst of uploads of one person one is taken', async () => {
    ada = await app.api.register();
    const answers = await Promise.all(Array.from({ length: 12 }, () => upload(ada, { content: many(400) })));
    const taken = answers.filter(({ status }) => status === 202);
    expect(
      answers
        .map(({ status }) => status)
        .toSorted()
        .slice(0, 1),
    ).toEqual([202]);
    expect(answers.every(({ status }) => status === 202 || status === 403 || status === 503)).toBe(true);
    for (const { body } of taken) await ended(ada, body['id'] as string);
    expect(await weightsOf(ada)).toHaveLength(400);
  });

  it('of a burst of many people as many are taken as there is room for', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => app.api.register()));
    const answers = await Promise.all(people.map((person) => upload(person, { content: many(2_000) })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.every((status) => status === 202 || status === 503)).toBe(true);
    expect(statuses.filter((status) => status === 202).length).toBeGreaterThanOrEqual(3);
    const rows = await app.db.rows('SELECT slot FROM imports WHERE slot IS NOT NULL');
    expect(rows.length).toBeLessThanOrEqual(3);
    for (const [place, { status, body }] of answers.entries())
      if (status === 202)
        expect(await ended(people[place]!, body['id'] as string)).toMatchObject({ records_created: 2_000 });
  });

  it('takes back an import that is running', async () => {
    ada = await app.api.register();
    const { body } = await upload(ada, { content: many(3_000) });
    await until(async () => (await ada.get(`${IMPORTS}/${body['id']}`)).body['rows_read'] > 0);
    expect((await ada.post(`${IMPORTS}/${body['id']}/undo`)).status).toBe(202);
    expect(await ended(ada, body['id'] as string)).toMatchObject({ status: 'undone' });
    expect(await weightsOf(ada)).toEqual([]);
  });

  it('removes files that a process left, and none that is needed', async () => {
    ada = await app.api.register();
    const sending = begin(ada);
    await until(() => filesOf(app).length === 1);
    const [needed] = filesOf(app);
    const at = (name: string): string => join(app.files, 'imports', name);
    writeFileSync(at('a file'), 'a');
    mkdirSync(at('a directory'));
    await until(() => filesOf(app).length === 2);
    rmdirSync(at('a directory'));
    expect(filesOf(app)).toEqual([needed]);
    sending.destroy();
    await until(() => filesOf(app).length === 0);
  });
});

describe.runIf(hasDatabase())('an import that is interrupted', () => {
  class TinyChunks extends HastyPolicy {
    override readonly chunkRecords: number = 10;
  }

  it('goes on where it was in the next process, and stores every row once', async () => {
    const database = await createDatabase();
    const tiny = {
      override: (builder: Parameters<typeof hasty>[0]) =>
        builder.overrideProvider(ImportsPolicy).useClass(TinyChunks),
    };
    const first = await TestApp.start({ ...tiny, database });
    const directory = first.files;
    const ada = await first.api.register();
    const { body } = await upload(ada, { content: many(3_000) });
    await until(async () => (await ada.get(`${IMPORTS}/${body['id']}`)).body['rows_read'] > 0);
    // It stops in the middle, and its directory remains.
    await first.app.close();
    const second = await TestApp.start({ ...tiny, database, env: { DATA_DIRECTORY: directory } });
    try {
      const person = new (ada.constructor as new (...args: unknown[]) => Api)(
        second.url,
        ada.headers,
        ada.account,
      );
      const done = await ended(person, body['id'] as string);
      expect(done).toMatchObject({ status: 'completed', rows_read: 3_000, records_created: 3_000 });
      const [row] = await second.db.rows('SELECT COUNT(*) AS stored FROM weight_entries');
      expect(Number(row?.['stored'])).toBe(3_000);
    } finally {
      await second.stop();
      await first.stop().catch(() => undefined);
      await database.drop();
    }
  });
});
