import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ImportsPolicy } from '../../../src/modules/health/imports/imports.policy.js';
import { SourceDeletionSteps } from '../../../src/modules/health/sources/source-deletion-steps.js';
import { SourceDeletionWorker } from '../../../src/modules/health/sources/source-deletion-worker.js';
import { SourcesPolicy } from '../../../src/modules/health/sources/sources.policy.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { bulk, listAll, reading, READINGS } from '../../support/readings.js';
import { Device, type Wire } from '../../support/sync.js';
import { until } from '../../support/until.js';
import { HastyPolicy as HastyImports, imported, undone } from '../imports/support.js';

/*
 * What a deletion of a source leaves alone, and what taking it back restores.
 * B1 What somebody edits or restores while it runs stays, and is counted once.
 * B2 All that it deleted comes back, also when the clocks of the instances differ.
 * B3 A record comes back as it was: its values, and the edits that set them.
 * B4 A deletion that cannot proceed ends, and can be taken back.
 */
const SOURCES = '/api/sources';
const DELETIONS = `${SOURCES}/deletions`;
const WATCH = 'com.example.watch';

class HastyPolicy extends SourcesPolicy {
  override readonly pollMs: number = 20;
  override readonly chunkRecords: number = 5;
  override readonly maxAttempts: number = 3;
}

const hasty = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder
    .overrideProvider(SourcesPolicy)
    .useClass(HastyPolicy)
    .overrideProvider(ImportsPolicy)
    .useClass(HastyImports);

describe.runIf(hasDatabase())('taking a deletion of a source back', () => {
  let database: TestDatabase;
  let app: TestApp;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database, override: hasty });
  });
  afterEach(() => void vi.restoreAllMocks());
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  async function ended(api: Api, id: string): Promise<Wire> {
    let body: Wire = {};
    await until(async () => (({ body } = await api.get(`${DELETIONS}/${id}`)), body['finished_at'] !== null));
    return body;
  }

  async function deleteSource(api: Api, source = WATCH): Promise<Wire> {
    const { body } = await api.delete(`${SOURCES}/${source}`);
    return ended(api, body['id']);
  }

  async function undo(api: Api, id: string): Promise<Wire> {
    expect((await api.post(`${DELETIONS}/${id}/undo`)).status).toBe(202);
    return ended(api, id);
  }

  /** A person with readings of a watch. */
  async function personWith(count: number): Promise<Api> {
    const ada = await app.api.register();
    const readings = Array.from({ length: count }, (_, index) =>
      reading('heart_rate', {
        measured_at: new Date(Date.parse('2026-03-10T00:00:00Z') + index * 60_000).toISOString(),
        value: 60 + index,
        source: WATCH,
        external_id: `watch-${index}`,
      }),
    );
    await bulk(ada, readings);
    return ada;
  }

  const live = (api: Api): Promise<Wire[]> => listAll(api, READINGS);
  const pathOf = ({ metric, id }: Wire): string => `${READINGS}/${metric}/${id}`;
  const targetOf = ({ id }: Wire, version: number): Wire => ({ kind: 'health_metric', id, version });

  /** Runs work after the first transaction of a deletion. */
  function afterFirst(work: () => Promise<void>): void {
    const steps = app.app.get(SourceDeletionSteps);
    const real = steps.delete.bind(steps);
    let isFirst = true;
    vi.spyOn(steps, 'delete').mockImplementation(async (job) => {
      const next = await real(job);
      if (isFirst) await work();
      isFirst = false;
      return next;
    });
  }

  it('B1 leaves what is edited or restored while it runs', async () => {
    const ada = await personWith(12);
    const before = await live(ada);
    const phone = await new Device(ada).ready();
    let [edited, restored]: Wire[] = [];
    afterFirst(async () => {
      const left = await live(ada);
      edited = left[0]!;
      restored = before.find(({ id }) => !left.some((one) => one['id'] === id))!;
      expect((await ada.patch(pathOf(edited), { note: 'mine' })).status).toBe(200);
      const [result] = await phone.push(phone.update(targetOf(restored, 2), { note: 'kept' }));
      expect(result?.['status']).not.toBe('rejected');
    });
    const deletion = await deleteSource(ada);
    expect((await live(ada)).map(({ id, note }) => [id, note]).toSorted()).toEqual(
      [
        [edited!['id'], 'mine'],
        [restored!['id'], 'kept'],
      ].toSorted(),
    );
    expect(deletion['records_deleted']).toBe(11);
    expect((await undo(ada, deletion['id']))['records_restored']).toBe(10);
    expect(await live(ada)).toHaveLength(12);
  });

  it('B1 B2 takes everything back when the clock of the next instance is behind', async () => {
    const ada = await personWith(12);
    const clock = new TestClock();
    clock.advance(5 * MINUTE);
    const ahead = await TestApp.start({
      database,
      override: (builder) =>
        clock
          .install(hasty(builder))
          .overrideProvider(SourceDeletionWorker)
          .useValue({ wake: () => {} }),
    });
    const distant = ahead.api.bearer(ada.account['access_token'] as string);
    afterFirst(async () => {
      const [edited] = await live(ada);
      expect((await ada.patch(pathOf(edited!), { note: 'mine' })).status).toBe(200);
    });
    const { body } = await distant.delete(`${SOURCES}/${WATCH}`);
    await ahead.stop();
    expect(await ended(ada, body['id'])).toMatchObject({ status: 'deleted', records_deleted: 11 });
    expect(await undo(ada, body['id'])).toMatchObject({ status: 'undone', records_restored: 11 });
    expect(await live(ada)).toHaveLength(12);
  });

  it('B3 takes back values that would not be accepted today', async () => {
    const ada = await personWith(3);
    const [last] = await live(ada);
    await change(app, 'UPDATE health_metrics SET measured_at = ? WHERE user_id = ? AND id = ?', [
      '2060-01-01 00:00:00.000',
      ada.userId,
      last!['id'],
    ]);
    const before = await live(ada);
    const deletion = await deleteSource(ada);
    expect((await undo(ada, deletion['id']))['records_restored']).toBe(3);
    const content = (record: Wire): Wire => ({ ...record, version: null, updated_at: null });
    expect((await live(ada)).map(content)).toEqual(before.map(content));
  });

  it('B3 lets an edit win that was made offline before it was taken back', async () => {
    const ada = await personWith(3);
    const [first] = await live(ada);
    const phone = await new Device(ada).ready();
    const offline = phone.update(targetOf(first!, 1), { note: 'made offline' });
    const deletion = await deleteSource(ada);
    await undo(ada, deletion['id']);
    await phone.push(offline);
    expect((await ada.get(pathOf(first!))).body['note']).toBe('made offline');
  });

  it('B3 leaves to an import what the import wrote, and to the person what they did', async () => {
    const ada = await app.api.register();
    const file = (...rates: number[]): { content: string; name: string } => ({
      name: 'file.json',
      content: JSON.stringify(
        rates.map((beatsPerMinute, index) => ({
          recordType: 'RestingHeartRateRecord',
          time: `2026-01-0${index + 1}T19:30:00Z`,
          zoneOffset: '+01:00',
          beatsPerMinute,
          metadata: { id: `rest-${index}`, dataOrigin: WATCH },
        })),
      ),
    });
    const first = await imported(ada, file(60, 61, 62));
    expect(first['records_created']).toBe(3);
    const [own] = await live(ada);
    await ada.patch(pathOf(own!), { note: 'mine' });
    await undo(ada, (await deleteSource(ada))['id']);
    // The newest one is the person's since they have edited it.
    expect(await imported(ada, file(60, 71, 72))).toMatchObject({ records_updated: 1, records_kept: 1 });
    expect((await live(ada)).map(({ value }) => value)).toEqual([62, 71, 60]);
    expect(await undone(ada, first['id'])).toMatchObject({ records_taken_back: 1, records_left: 2 });
  });

  it('B4 ends after attempts that did not proceed, and goes on when it is taken back', async () => {
    const ada = await personWith(12);
    const steps = app.app.get(SourceDeletionSteps);
    const real = { delete: steps.delete.bind(steps), restore: steps.restore.bind(steps) };
    let attempts = 0;
    /** One transaction succeeds, and none after it. */
    const breakOff = (method: 'delete' | 'restore'): void => {
      attempts = 0;
      vi.spyOn(steps, method).mockImplementation(async (job) => {
        attempts += 1;
        if (attempts === 1) return real[method](job);
        // The next attempt follows at once.
        await change(app, 'UPDATE source_deletions SET claimed_until = NULL WHERE id = ?', [job.id]);
        throw new Error('it does not work');
      });
    };
    breakOff('delete');
    const failed = await deleteSource(ada);
    expect(failed).toMatchObject({
      status: 'failed',
      failure: 'deletion-interrupted',
      records_deleted: 5,
    });
    expect(failed['undo_until']).not.toBeNull();
    // The attempt that proceeded, and three others.
    expect(attempts).toBe(5);
    expect(await live(ada)).toHaveLength(7);

    breakOff('restore');
    const stopped = await undo(ada, failed['id']);
    expect(stopped).toMatchObject({ status: 'failed', failure: 'undo-interrupted', records_restored: 5 });
    vi.restoreAllMocks();
    expect(await undo(ada, failed['id'])).toMatchObject({
      status: 'undone',
      failure: null,
      records_restored: 5,
      undo_until: null,
    });
    expect(await live(ada)).toHaveLength(12);
    // What is left can be deleted again.
    expect(await deleteSource(ada)).toMatchObject({ status: 'deleted', records_deleted: 12 });
  });

  it('shows an API key the kinds that it may read', async () => {
    const ada = await personWith(2);
    const listFor = async (...scopes: string[]): Promise<Wire[]> => {
      const { body } = await ada.post('/api/api-keys', { name: 'script', scopes });
      return (await app.api.bearer(body['key'] as string).get(SOURCES)).body['data'] as Wire[];
    };
    expect(await listFor('sources:read')).toEqual([]);
    expect(await listFor('sources:read', 'sleep:read')).toEqual([]);
    expect(await listFor('sources:read', 'metrics:read')).toMatchObject([{ source: WATCH, count: 2 }]);
  });

  it('answers no deletion that was taken back when there is nothing to delete', async () => {
    const ada = await personWith(1);
    const deletion = await deleteSource(ada);
    expect((await ada.delete(`${SOURCES}/${WATCH}`)).body['id']).toBe(deletion['id']);
    await undo(ada, deletion['id']);
    const [only] = await live(ada);
    await ada.delete(pathOf(only!));
    expect((await ada.delete(`${SOURCES}/${WATCH}`)).body).toMatchObject({ id: null, status: 'deleted' });
  });
});
