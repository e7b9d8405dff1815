import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceDeletionSteps } from '../../../src/modules/health/sources/source-deletion-steps.js';
import { SourcesPolicy } from '../../../src/modules/health/sources/sources.policy.js';
import { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, drainSync, shown, type Wire } from '../../support/sync.js';
import { until } from '../../support/until.js';

/*
 * The invariants of the deletion of a source. Each has tests that try to break it.
 * D1 A dry run counts what the deletion deletes, by kind, and changes nothing.
 * D2 Every record of the source that was stored before is deleted, once, on all devices; no other record is.
 * D3 To take it back restores every value that nobody has touched since, also on phones; what somebody touched stays.
 * D4 Two deletions at once are one; two undos at once are one; what is uploaded meanwhile stays.
 * D5 A process that dies in between loses nothing and counts nothing twice.
 */
const SOURCES = '/api/sources';
const DELETIONS = `${SOURCES}/deletions`;

class HastyPolicy extends SourcesPolicy {
  override readonly pollMs: number = 20;
  override readonly chunkRecords: number = 7;
}

const hasty = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder.overrideProvider(SourcesPolicy).useClass(HastyPolicy);

const sleepOf = (source: string, day: number): Wire => ({
  started_at: `2026-03-${10 + day}T22:00:00.000Z`,
  ended_at: `2026-03-${11 + day}T06:00:00.000Z`,
  time_zone: 'UTC',
  is_nap: false,
  source,
});

const readingsOf = (source: string, count: number): Wire[] =>
  Array.from({ length: count }, (_, index) =>
    reading(index % 3 === 0 ? 'heart_rate' : 'steps', {
      measured_at: new Date(Date.parse('2026-03-10T00:00:00Z') + index * 600_000).toISOString(),
      ...(index % 3 === 0
        ? {}
        : { ended_at: new Date(Date.parse('2026-03-10T00:10:00Z') + index * 600_000).toISOString() }),
      value: 60 + index,
      source,
      external_id: `${source}-${index}`,
    }),
  );

describe.runIf(hasDatabase())('deletions of sources', () => {
  let database: TestDatabase;
  let app: TestApp;
  let other: TestApp;
  let random: () => number;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database, override: hasty });
    other = await TestApp.start({ database, override: hasty });
    random = seededRandom(chooseSeed());
  });
  afterAll(async () => {
    await app.stop();
    await other.stop();
    await database.drop();
  });

  const elsewhere = (api: Api): Api => new Api(other.url, api.headers, api.account);

  async function ended(api: Api, id: string): Promise<Wire> {
    let body: Wire = {};
    await until(async () => (({ body } = await api.get(`${DELETIONS}/${id}`)), body['finished_at'] !== null));
    return body;
  }

  async function deleteSource(api: Api, source: string): Promise<Wire> {
    const { status, body } = await api.delete(`${SOURCES}/${source}`);
    expect([status, body['source']]).toEqual([200, source]);
    return body['id'] === null ? body : ended(api, body['id']);
  }

  async function undo(api: Api, id: string): Promise<Wire> {
    const { status } = await api.post(`${DELETIONS}/${id}/undo`);
    expect(status).toBe(202);
    return ended(api, id);
  }

  /** A person with readings and nights of two sources. */
  async function personWith(count: number): Promise<Api> {
    const ada = await app.api.register();
    for (const source of ['watch', 'phone']) {
      await bulk(ada, readingsOf(source, count));
      for (const day of [0, 1, 2])
        expect((await ada.post('/api/sleep', sleepOf(source, day))).status).toBe(201);
    }
    return ada;
  }

  const everything = async (api: Api): Promise<Wire[]> => [
    ...(await listAll(api, READINGS)),
    ...(await listAll(api, '/api/sleep')),
  ];
  /** A record without what says when it was stored. */
  const content = (record: Wire): Wire => ({ ...record, version: 0, updated_at: '' });
  const ofSource = (records: readonly Wire[], source: string): Wire[] =>
    records.filter((one) => one['source'] === source).map(content);

  it('lists the sources with what they have, in the order of the person', async () => {
    const ada = await personWith(12);
    const list = async () => (await ada.get(SOURCES)).body;
    const { order, data, is_complete } = await list();
    expect([order, is_complete]).toEqual([[], true]);
    expect(data.map(({ source, count }: Wire) => [source, count])).toEqual([
      ['phone', 15],
      ['watch', 15],
    ]);
    expect(data[0].kinds).toEqual([
      {
        kind: 'heart_rate',
        count: 4,
        first_at: '2026-03-10T00:00:00.000Z',
        last_at: '2026-03-10T01:30:00.000Z',
      },
      { kind: 'steps', count: 8, first_at: '2026-03-10T00:10:00.000Z', last_at: '2026-03-10T01:50:00.000Z' },
      { kind: 'sleep', count: 3, first_at: '2026-03-11T06:00:00.000Z', last_at: '2026-03-13T06:00:00.000Z' },
    ]);
    expect(data[0]).toMatchObject({
      first_at: '2026-03-10T00:00:00.000Z',
      last_at: '2026-03-13T06:00:00.000Z',
    });
    await ada.put(`${SOURCES}/order`, { sources: ['ring', 'watch'] });
    expect((await list()).data.map(({ source }: Wire) => source)).toEqual(['watch', 'phone']);
    await deleteSource(ada, 'phone');
    expect((await list()).data.map(({ source }: Wire) => source)).toEqual(['watch']);
  });

  it('D1 D2 D3 delete what was counted, and restore it, on all devices', async () => {
    const ada = await personWith(30);
    const before = await everything(ada);
    const phone = await drainSync(ada);
    const { body: counted } = await ada.delete(`${SOURCES}/watch?dry_run=true`);
    expect(counted).toMatchObject({ id: null, status: 'counted', records_deleted: 33, created_at: null });
    expect(await everything(ada)).toEqual(before);

    const deletion = await deleteSource(ada, 'watch');
    expect(deletion).toMatchObject({ status: 'deleted', records_deleted: 33, records_restored: 0 });
    const byName = (kinds: Wire[]) => Object.fromEntries(kinds.map(({ kind, count }) => [kind, count]));
    expect(byName(deletion['kinds'])).toEqual(byName(counted['kinds']));
    expect(byName(deletion['kinds'])).toEqual({ heart_rate: 10, steps: 20, sleep: 3 });
    expect(Date.parse(deletion['undo_until']) - Date.parse(deletion['finished_at'])).toBe(30 * 86_400_000);
    const after = await everything(ada);
    expect(after.filter(({ source }) => source === 'watch')).toEqual([]);
    expect(ofSource(after, 'phone')).toEqual(ofSource(before, 'phone'));
    const gone = await drainSync(ada, { cursor: phone.cursor });
    expect(gone.changes.filter((change) => change['deleted'])).toHaveLength(33);

    const undone = await undo(ada, deletion['id']);
    expect(undone).toMatchObject({
      status: 'undone',
      records_deleted: 33,
      records_restored: 33,
      undo_until: null,
    });
    expect((await everything(ada)).map(content)).toEqual(before.map(content));
    const back = shown((await drainSync(ada, { cursor: gone.cursor })).changes);
    expect([...back.values()].filter((change) => change['data'])).toHaveLength(33);
    // The same again, as another deletion.
    expect(await deleteSource(ada, 'watch')).toMatchObject({ status: 'deleted', records_deleted: 33 });
    expect((await ada.get(DELETIONS)).body['pagination'].total).toBe(2);
  });

  it('D3 keep what somebody edited, restored or deleted since', async () => {
    const ada = await personWith(12);
    const device = await new Device(ada).ready();
    const watch = (await listAll(ada, READINGS)).filter(({ source }) => source === 'watch');
    const [deletedBefore, restored, deletedAgain] = watch as [Wire, Wire, Wire];
    await ada.delete(`${READINGS}/${deletedBefore['metric']}/${deletedBefore['id']}`);
    const deletion = await deleteSource(ada, 'watch');
    expect(deletion['records_deleted']).toBe(14);
    // A phone edits one that it did not know to be deleted, and deletes another itself.
    const [edited] = await device.push(
      device.update({ kind: 'health_metric', id: restored['id'], version: 2 }, { note: 'mine' }),
    );
    expect(edited?.['status']).not.toBe('rejected');
    await device.push(device.delete({ kind: 'health_metric', id: deletedAgain['id'], version: 2 }));
    const isLive = async ({ metric, id }: Wire): Promise<boolean> =>
      (await ada.get(`${READINGS}/${metric}/${id}`)).status === 200;
    const lived = await isLive(restored);
    const undone = await undo(ada, deletion['id']);
    expect(await isLive(deletedBefore)).toBe(false);
    expect(await isLive(restored)).toBe(true);
    if (lived)
      expect((await ada.get(`${READINGS}/${restored['metric']}/${restored['id']}`)).body['note']).toBe(
        'mine',
      );
    expect(undone['records_restored']).toBe(14 - Number(lived) - Number(!(await isLive(deletedAgain))));
    expect((await everything(ada)).filter(({ source }) => source === 'watch')).toHaveLength(
      14 - Number(!(await isLive(deletedAgain))),
    );
  });

  it('D4 twenty deletions at once are one', async () => {
    const ada = await personWith(30);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? ada : elsewhere(ada)).delete(`${SOURCES}/watch`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const ids = new Set(answers.map(({ body }) => body['id']));
    expect(ids.size).toBe(1);
    expect(await ended(ada, [...ids][0])).toMatchObject({ status: 'deleted', records_deleted: 33 });
    // Asked again later, it is still the same one.
    expect((await ada.delete(`${SOURCES}/watch`)).body['id']).toBe([...ids][0]);
  });

  it('D4 twenty undos at once are one, also while it is deleting', async () => {
    const ada = await personWith(40);
    const before = await everything(ada);
    const { body } = await ada.delete(`${SOURCES}/watch`);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? ada : elsewhere(ada)).post(`${DELETIONS}/${body['id']}/undo`),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const undone = await ended(ada, body['id']);
    expect(undone['status']).toBe('undone');
    expect(undone['records_restored']).toBe(undone['records_deleted']);
    expect((await everything(ada)).map(content)).toEqual(before.map(content));
  });

  it('D4 what is uploaded while it runs stays, and nothing that was stored before does', async () => {
    const ada = await personWith(60);
    const uploads = readingsOf('watch', 120).slice(60);
    const [{ body }] = await Promise.all([
      ada.delete(`${SOURCES}/watch`),
      (async () => {
        for (let from = 0; from < uploads.length; from += 6)
          await bulk(from % 4 ? ada : elsewhere(ada), uploads.slice(from, from + 6));
      })(),
    ]);
    const deletion = await ended(ada, body['id']);
    const left = (await everything(ada)).filter(({ source }) => source === 'watch');
    const isOld = ({ external_id: id }: Wire): boolean =>
      id === null || Number(String(id).split('-')[1]) < 60;
    expect(left.filter(isOld)).toEqual([]);
    expect(left.length + deletion['records_deleted']).toBe(63 + 60);
    // To upload again what was deleted does not bring it back.
    await bulk(ada, readingsOf('watch', 60));
    expect((await everything(ada)).filter((one) => one['source'] === 'watch' && isOld(one))).toEqual([]);
    const undone = await undo(ada, body['id']);
    expect(undone['records_restored']).toBe(deletion['records_deleted']);
    expect((await everything(ada)).filter(({ source }) => source === 'watch')).toHaveLength(123);
  });

  it('D5 go on after any transaction failed, and count every record once', async () => {
    const ada = await personWith(40);
    const before = await everything(ada);
    for (const instance of [app, other]) {
      const steps = instance.app.get(SourceDeletionSteps);
      for (const method of ['delete', 'restore'] as const) {
        const real = steps[method].bind(steps);
        // The step is done, but the process does not hear of it: another attempt has to go on.
        steps[method] = async (job) => {
          const next = await real(job);
          if (random() < 0.3 && next.finishedAt === null) {
            await real(next);
            // Its lease ends.
            await change(app, 'UPDATE source_deletions SET claimed_until = NULL WHERE id = ?', [job.id]);
            throw new Error('the process died');
          }
          return next;
        };
      }
    }
    const deletion = await deleteSource(ada, 'watch');
    expect(deletion['records_deleted']).toBe(43);
    expect((await everything(ada)).filter(({ source }) => source === 'watch')).toEqual([]);
    expect(await undo(ada, deletion['id'])).toMatchObject({ status: 'undone', records_restored: 43 });
    expect((await everything(ada)).map(content)).toEqual(before.map(content));
  });

  it('are of one person, refuse wrong names, and need nothing to delete', async () => {
    const [ada, eve] = [await personWith(3), await app.api.register()];
    const { id } = await deleteSource(ada, 'watch');
    for (const path of [`${DELETIONS}/${id}`, `${DELETIONS}/${id}/undo`])
      expect((await eve.send(path.endsWith('undo') ? 'POST' : 'GET', path)).status).toBe(404);
    expect((await eve.get(DELETIONS)).body['data']).toEqual([]);
    expect((await eve.delete(`${SOURCES}/watch`)).body).toMatchObject({
      id: null,
      status: 'deleted',
      records_deleted: 0,
    });
    const { status, body } = await eve.delete(`${SOURCES}/${encodeURIComponent('a b')}`);
    expect([status, body['errors'][0].field]).toEqual([422, 'source']);
    expect((await eve.delete(`${SOURCES}/watch?dry_run=maybe`)).body['errors'][0].field).toBe('dry_run');
  });
});
