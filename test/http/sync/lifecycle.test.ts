import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { RecordCatalog } from '../../../src/records/define/record-catalog.js';
import { ChangeFeed } from '../../../src/records/read/change-feed.js';
import type { RecordKind } from '../../../src/records/define/record-kind.js';
import { Cursors, fingerprint } from '../../../src/modules/sync/pull/cursor.js';
import { EpochsService } from '../../../src/modules/sync/pull/epochs.service.js';
import { RetentionService } from '../../../src/modules/sync/retention/retention.service.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Device, drainSync, mealFields, pullPage, weightFields, type Wire } from '../../support/sync.js';
import {
  before,
  conflictsOf,
  everythingOf,
  liveOf,
  problemOf,
  seenOf,
  shared,
  statusesOf,
  twoPhones,
} from './support.js';

describe.runIf(hasDatabase())('sync, long-term', () => {
  const clock = new TestClock();
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ override: clock.install })));
  afterAll(() => app.stop());

  /** Runs the daily retention this many days later; access tokens expire before, so requests are made with today's date. */
  async function retainAfter(days: number): Promise<void> {
    clock.advance(days * DAY);
    await app.app
      .get(RetentionService)
      .run()
      .finally(() => clock.advance(-days * DAY));
  }
  async function after(days: number, then: () => Promise<void>): Promise<void> {
    await retainAfter(days);
    await then();
  }
  const count = async (table: string, api: Api): Promise<number> => {
    const [row] = await app.db.rows<{ n: unknown }>(`SELECT COUNT(*) AS n FROM ${table} WHERE user_id = ?`, [
      api.userId,
    ]);
    return Number(row?.n);
  };
  /** Makes deletions half a year old, so that today's purge removes them. */
  async function ageTombstones(api: Api): Promise<void> {
    const old = new Date(Date.now() - 181 * DAY).toISOString().replace('T', ' ').slice(0, -1);
    const sql = 'UPDATE weight_entries SET deleted_at = ? WHERE user_id = ? AND deleted_at IS NOT NULL';
    await app.app.get(UnitOfWork).run(() => app.db.execute(sql, [old, api.userId]));
  }
  const idsOf = (changes: readonly Wire[]): string[] => changes.map(({ id }) => id as string);
  const weights = (device: Device, size: number): Wire[] =>
    Array.from({ length: size }, (_, i) => device.create('weight', weightFields(60 + i)));

  it('F36 a fresh phone never gets deleted records', async () => {
    const { person, a } = await twoPhones(app.api);
    const [kept, gone] = weights(a, 2);
    await a.push(kept!, gone!);
    const old = await drainSync(person);
    await a.push(a.delete({ kind: 'weight', id: gone!['id'], version: 1 }));
    expect(idsOf((await drainSync(person)).changes)).toEqual([kept!['id']]);
    expect((await drainSync(person, { cursor: old.cursor })).changes).toMatchObject([
      { id: gone!['id'], deleted: true, version: 2 },
    ]);
  });

  it('F43 a phone offline for longer than tombstones are kept begins again, and its unsent edits still count', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const [kept, gone] = weights(a, 2);
    await a.push(kept!, gone!);
    const asleep = await drainSync(person);
    await a.push(a.delete({ kind: 'weight', id: gone!['id'], version: 1 }));
    const awake = await drainSync(person);
    await after(181, async () => {
      const answer = await pullPage(person, { cursor: asleep.cursor });
      expect([answer.status, problemOf(answer)]).toEqual([410, 'cursor-expired']);
      expect((await drainSync(person, { cursor: awake.cursor })).changes).toEqual([]);
      const anew = await drainSync(person, { epoch: b.epoch });
      expect(anew.changes.map(({ id, deleted }) => [id, deleted])).toEqual([[kept!['id'], false]]);
      const unsent = [
        b.update({ kind: 'weight', id: kept!['id'], version: 1 }, weightFields(90)),
        b.update({ kind: 'weight', id: gone!['id'], version: 1 }, weightFields(91)),
      ];
      expect(statusesOf(await b.push(...unsent))).toEqual(['applied', 'gone']);
      expect(await conflictsOf(person)).toMatchObject([
        { reason: 'gone', loser: { data: weightFields(91) } },
      ]);
      expect(await seenOf(person, gone!['id'])).toBeUndefined();
    });
  });

  it('F43 a deletion is kept for 180 days, and then removed with the entered values', async () => {
    const { person, a } = await twoPhones(app.api);
    const [gone] = weights(a, 1);
    await a.push(gone!);
    const { cursor } = await drainSync(person);
    await a.push(a.delete({ kind: 'weight', id: gone!['id'], version: 1 }));
    await after(179, async () => {
      expect((await drainSync(person, { cursor })).changes).toHaveLength(1);
      expect(await count('weight_entries', person)).toBe(1);
    });
    await after(181, async () => expect(await count('weight_entries', person)).toBe(0));
  });

  it('F44 a record restored during a purge stays live, and in the feed', async () => {
    const { person, a } = await twoPhones(app.api);
    const made = weights(a, 60);
    await a.push(...made);
    await a.push(...made.map(({ id }) => a.delete({ kind: 'weight', id, version: 1 })));
    await ageTombstones(person);
    const work: Promise<unknown>[] = [];
    // In each round a purge races against three restorations.
    for (let i = 0; i < made.length; i += 3) {
      const again = made.slice(i, i + 3).map(({ id }) => a.create('weight', weightFields(99), { id }));
      work.push(retainAfter(0), a.push(...again));
    }
    await Promise.all(work);
    const live = await liveOf(person);
    expect([...live.keys()].toSorted()).toEqual(idsOf(made).toSorted());
    for (const change of live.values()) expect(change['data']).toMatchObject(weightFields(99));
    expect(await count('weight_entries', person)).toBe(60);
  });

  it('F43 a purge during a pull: the cursor expires, no deletion is skipped', async () => {
    const { person, a } = await twoPhones(app.api);
    const [gone] = weights(a, 1);
    await a.push(gone!);
    const { cursor } = await drainSync(person);
    await a.push(a.delete({ kind: 'weight', id: gone!['id'], version: 1 }));
    await ageTombstones(person);
    const feed = app.app.get(ChangeFeed);
    const read = feed.read.bind(feed);
    // The head has been read, the rows have not.
    const spy = vi.spyOn(feed, 'read').mockImplementationOnce(async (...args) => {
      await retainAfter(0);
      return read(...args);
    });
    const { status, body } = await pullPage(person, { cursor, kinds: 'weight' }).finally(() =>
      spy.mockRestore(),
    );
    expect(await count('weight_entries', person)).toBe(0);
    expect([status, body['changes']?.length]).toEqual([410, undefined]);
  });

  it('F27 the result of a mutation is kept for 45 days; after that a retry still changes nothing', async () => {
    const { person, a } = await twoPhones(app.api);
    // Made before they were sent: a retry after 46 days is not a recent edit.
    const batch = weights(a, 3).map((one) => ({ ...one, modified_at: before(46 * DAY) }));
    await a.push(...batch);
    await after(44, async () => expect(await count('sync_pushes', person)).toBe(1));
    await after(46, async () => expect(await count('sync_pushes', person)).toBe(0));
    const unchanged = await everythingOf(person);
    expect(statusesOf(await a.push(...batch))).toEqual(Array(3).fill('duplicate'));
    expect(await everythingOf(person)).toEqual(unchanged);
  });

  it('F28 a phone that was restored from its backup after 46 days learns that its client_seq is used', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(...weights(a, 3));
    await after(46, async () => expect(await count('sync_pushes', person)).toBe(0));
    const restored = await new Device(person, a.id).ready();
    const own = weights(restored, 2);
    const results = await restored.push(...own);
    expect(results.map(({ error }) => error?.code)).toEqual(Array(2).fill('client-seq-reused'));
    expect((await liveOf(person)).size).toBe(3);
    const renamed = await new Device(person).ready();
    expect(statusesOf(await renamed.push(...own))).toEqual(Array(2).fill('applied'));
    expect((await liveOf(person)).size).toBe(5);
  });

  it('F66 an unresolved conflict is closed after 90 days, and its content is deleted', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const record = await shared(a, 'weight');
    await a.push(a.update(record, weightFields(123), { modified_at: before(60_000) }));
    await b.push(b.update(record, weightFields(90)));
    const { cursor } = await drainSync(person);
    const [conflict] = await conflictsOf(person);
    await after(89, async () => expect(await conflictsOf(person)).toHaveLength(1));
    await after(91, async () => {
      expect(await conflictsOf(person)).toEqual([]);
      const { changes } = await drainSync(person, { cursor });
      expect(changes).toMatchObject([{ kind: 'conflict', id: conflict!['id'], deleted: true }]);
      const late = await person.post(`/api/sync/conflicts/${conflict!['id']}/resolve`, {
        choice: 'use_mine',
      });
      expect(late.status).toBe(404);
      const [row] = await app.db.rows('SELECT winner, loser FROM conflicts WHERE user_id = ?', [
        person.userId,
      ]);
      expect(row).toEqual({ winner: null, loser: null });
      expect((await seenOf(person, record['id']))?.['data']).toMatchObject(weightFields(90));
      expect((await person.get('/api/sync/status')).body['conflicts']).toBe(0);
    });
  });

  it('F45 after a restore every old cursor is refused, with the seq at which the history broke', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(...weights(a, 3));
    const { cursor, seq } = await drainSync(person);
    await app.app.get(EpochsService).beginForAll();
    for (const query of [{ cursor }, { epoch: a.epoch }]) {
      const answer = await pullPage(person, query);
      expect([answer.status, problemOf(answer), answer.body['base_seq']]).toEqual([
        409,
        'epoch-changed',
        seq,
      ]);
      expect(answer.body['epoch']).not.toBe(a.epoch);
    }
    const status = (await person.get('/api/sync/status')).body;
    expect(status['epoch']).not.toBe(a.epoch);
    const fresh = await pullPage(person, { epoch: status['epoch'] });
    expect(fresh.body).toMatchObject({ epoch: status['epoch'], seq });
    expect(fresh.body['changes']).toHaveLength(3);
  });

  it('F45 a push of the old epoch is refused as a whole, and nothing of it is stored', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(...weights(a, 1));
    await app.app.get(EpochsService).beginForAll();
    const unchanged = await everythingOf(person);
    const answer = await a.send(weights(a, 3));
    expect([answer.status, problemOf(answer), answer.body['base_seq']]).toEqual([409, 'epoch-changed', '1']);
    expect(await everythingOf(person)).toEqual(unchanged);
    expect(await count('sync_pushes', person)).toBe(1);
  });

  it('F45 phones send records and deletions again that the backup does not have', async () => {
    const { person, a, b } = await twoPhones(app.api);
    const [kept, gone, unknown] = weights(a, 3) as [Wire, Wire, Wire];
    await a.push(kept, gone);
    // Changes after the backup exist only on the phone: it takes the new epoch and sends them again.
    await app.app.get(EpochsService).beginForAll();
    await a.ready();
    const again = [
      a.create('weight', unknown['fields'], { id: unknown['id'], modified_at: before(5 * SECOND) }),
      a.delete({ kind: 'weight', id: gone['id'] }, { modified_at: before(5 * SECOND) }),
      a.create('weight', kept['fields'], { id: kept['id'], modified_at: kept['modified_at'] }),
    ];
    expect(statusesOf(await a.push(...again))).toEqual(['applied', 'applied', 'duplicate']);
    await b.ready();
    expect([...(await liveOf(b.api)).keys()].toSorted()).toEqual([kept['id'], unknown['id']].toSorted());
    expect(await conflictsOf(person)).toEqual([]);
  });

  it('F46 after two restores the older base counts for a phone that saw neither', async () => {
    const { person, a } = await twoPhones(app.api);
    const epochs = app.app.get(EpochsService);
    await a.push(...weights(a, 2));
    const first = a.epoch;
    await epochs.beginForAll();
    await a.ready();
    await a.push(...weights(a, 3));
    const second = a.epoch;
    await epochs.beginForAll();
    await a.ready();
    expect(new Set([first, second, a.epoch]).size).toBe(3);
    const bases = await Promise.all([first, second].map((epoch) => pullPage(person, { epoch })));
    expect(bases.map(({ body }) => body['base_seq'])).toEqual(['2', '5']);
    // An epoch that was lost itself has no certain common history with this one.
    expect((await pullPage(person, { epoch: 'never-was' })).body['base_seq']).toBe('0');
  });

  it('F47 an app that learns a kind gets it from its beginning, and nothing else again', async () => {
    const { person, a } = await twoPhones(app.api);
    const meals = [a.create('meal', mealFields()), a.create('meal', mealFields({ title: 'Two' }))];
    await a.push(...weights(a, 5), ...meals, a.delete({ kind: 'meal', id: meals[0]!['id'] }));
    const narrow = await drainSync(person, { kinds: 'weight' });
    expect(new Set(narrow.changes.map(({ kind }) => kind))).toEqual(new Set(['weight']));
    const wide = await drainSync(person, { cursor: narrow.cursor, kinds: 'meal,weight', limit: 1 });
    expect(idsOf(wide.changes)).toEqual([meals[1]!['id']]);
    const more = weights(a, 1);
    await a.push(...more, a.update({ kind: 'meal', id: meals[1]!['id'] }, { note: 'x' }));
    const next = await drainSync(person, { cursor: wide.cursor, kinds: 'weight,meal' });
    expect(idsOf(next.changes)).toEqual([more[0]!['id'], meals[1]!['id']]);
  });

  it('F47 a kind whose data changed its shape is sent again completely, and no other', async () => {
    const { person, a } = await twoPhones(app.api);
    const made = weights(a, 3);
    await a.push(...made, a.create('meal', mealFields()));
    const { cursor } = await drainSync(person, { kinds: 'meal,weight' });
    const { definition } = app.app.get(RecordCatalog).get('weight');
    const [now, then] = [0, -1].map((step) =>
      fingerprint({ definition: { ...definition, revision: definition.revision + step } } as RecordKind),
    ) as [string, string];
    const cursors = app.app.get(Cursors);
    const held = cursors.read(cursor, person.userId);
    expect(held.covered).toContain(now);
    const old = { ...held, covered: held.covered.map((print) => (print === now ? then : print)) };
    const { changes } = await drainSync(person, {
      cursor: cursors.write(old),
      kinds: 'meal,weight',
      limit: 2,
    });
    expect(idsOf(changes)).toEqual(idsOf(made));
  });

  it('F47 an app that no longer names a kind does not get it any more', async () => {
    const { person, a } = await twoPhones(app.api);
    await a.push(...weights(a, 2), a.create('meal', mealFields()));
    const wide = await drainSync(person, { kinds: 'meal,weight' });
    await a.push(a.create('meal', mealFields()), ...weights(a, 1));
    const narrow = await drainSync(person, { cursor: wide.cursor, kinds: 'weight' });
    expect(narrow.changes.map(({ kind }) => kind)).toEqual(['weight']);
  });
});
