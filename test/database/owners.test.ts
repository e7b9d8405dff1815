import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConflictsRepository } from '../../src/modules/sync/conflicts/conflicts.repository.js';
import { EpochsService } from '../../src/modules/sync/pull/epochs.service.js';
import { PullService } from '../../src/modules/sync/pull/pull.service.js';
import { RetentionService } from '../../src/modules/sync/retention/retention.service.js';
import { DigestsService } from '../../src/modules/sync/status/digests.service.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { sealRecords } from '../../src/records/define/define-record.js';
import type { Owner } from '../../src/records/define/owner.js';
import { person } from '../../src/records/define/person/person.owner.js';
import { RecordCatalog } from '../../src/records/define/record-catalog.js';
import type { RecordOutcome } from '../../src/records/merge/record-changes.js';
import { type Announcement, Announcements } from '../../src/records/write/announcements.js';
import { ChangeSequence } from '../../src/records/write/change-sequence.js';
import { Records } from '../../src/records/write/records.js';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { withKinds } from '../support/kinds.js';
import { Device, drainSync, type Wire } from '../support/sync.js';
import { ScoresRepository, scoreRecord, team, teams, teamType } from '../support/teams.js';

/** Two people, each with their own phone. The person who acts is not the owner of the record. */
const [ADA, BOB] = [{ deviceId: 'ada-phone' }, { deviceId: 'bob-phone' }];

describe.runIf(hasDatabase())('an owner that is no person', () => {
  let app: TestApp;
  let records: Records;
  let reds: Owner;
  let scores: ScoresRepository;
  beforeAll(async () => {
    app = await TestApp.start({ override: withKinds(teams) });
    records = app.app.get(Records);
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    reds = await newTeam();
    scores = new ScoresRepository(records, reds);
  });

  const write = (sql: string, values: string[]): Promise<number> =>
    app.app.get(UnitOfWork).run(() => app.db.execute(sql, values));

  async function newTeam(): Promise<Owner> {
    const owner = team(randomUUID());
    await app.app.get(UnitOfWork).run(async () => {
      await app.db.execute('INSERT INTO teams (id) VALUES (?)', [owner.id]);
      await app.app.get(ChangeSequence).create(owner);
    });
    return owner;
  }

  /** An edit that was made offline, on the version that its author has seen. */
  const edit = (
    { deviceId }: typeof ADA,
    id: string,
    points: number,
    baseVersion: number,
  ): Promise<RecordOutcome> => {
    const kind = records.catalog.get(scoreRecord.kind);
    return records.change(reds, async (changes) => {
      await changes.load(kind, [id]);
      const time = changes.order.stamp.getTime();
      const stamp = { time, counter: 0, device: deviceId, deviceSeq: 0 };
      return changes.apply({ kind, id, op: 'update', entered: { points }, stamp, baseVersion });
    });
  };

  const pull = async (owner: Owner, cursor?: string, limit = 2) => {
    const pulls = app.app.get(PullService);
    const kinds = records.catalog.ownedBy(owner.type);
    const request = { cursor, kinds, epoch: undefined, limit };
    return pulls.pull(owner, request, await pulls.head(owner));
  };

  async function drain(owner: Owner, cursor?: string): Promise<{ changes: Wire[]; cursor: string }> {
    const changes: Wire[] = [];
    for (let next = cursor; ;) {
      const page = await pull(owner, next);
      changes.push(...page.changes);
      if (!page.hasMore) return { changes, cursor: page.cursor };
      next = page.cursor;
    }
  }

  it('two people write the records of one team in one order', async () => {
    const made = await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    const changed = await scores.update(BOB, made.id, { points: 3 }, made.version);
    expect(changed).toMatchObject({ teamId: reds.id, home: 'Reds', points: 3, version: 2, seq: 2 });
    expect(changed.modifiedBy).toBe('bob-phone');
    await expect(scores.update(ADA, made.id, { points: 4 }, 1)).rejects.toThrow('version-conflict');
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const { id } = await scores.create(i % 2 ? ADA : BOB, undefined, { home: `Team ${i}`, points: i });
        return id;
      }),
    );
    const { changes } = await drain(reds);
    expect(changes.map(({ id }) => id).toSorted()).toEqual([made.id, ...ids].toSorted());
    expect(changes.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 21 }, (_, i) => i + 2));
  });

  it('a repeated creation with the same id makes one record', async () => {
    const id = randomUUID();
    const make = () => scores.create(ADA, id, { home: 'Reds', points: 1 });
    const made = await Promise.all([make(), make(), make()]);
    expect(new Set(made.map(({ seq }) => seq))).toEqual(new Set([1]));
    await expect(scores.create(BOB, id, { home: 'Reds', points: 2 })).rejects.toThrow('id-taken');
  });

  it('a record of one team is not visible to another team or to a person', async () => {
    const { id } = await scores.create(ADA, undefined, { home: 'Reds', points: 1 });
    const blues = new ScoresRepository(records, await newTeam());
    for (const attempt of [
      () => blues.get(id),
      () => blues.update(BOB, id, { points: 2 }, undefined),
      () => blues.remove(BOB, id),
    ])
      await expect(attempt()).rejects.toThrow('not-found');
    expect(() => new ScoresRepository(records, person(reds.id))).toThrow('another type of owner');
    const kind = records.catalog.get('weight');
    await expect(records.change(reds, (changes) => changes.load(kind, [id]))).rejects.toThrow(
      'A weight does not belong to a team',
    );
  });

  it('keeps the losing side as a conflict of the team', async () => {
    const { id } = await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    await edit(ADA, id, 1, 1);
    const { status, conflict } = await edit(BOB, id, 2, 1);
    expect([status, conflict?.isOpen]).toEqual(['applied', true]);
    const { data, total } = await new ConflictsRepository(records, reds).list('open', {
      limit: 9,
      offset: 0,
    });
    expect(total).toBe(1);
    expect(data[0]).toMatchObject({
      teamId: reds.id,
      recordKind: 'team_score',
      recordId: id,
      winner: { modifiedBy: 'bob-phone', data: { home: 'Reds', points: 2 } },
      loser: { modifiedBy: 'ada-phone', data: { points: 1 } },
    });
    const { changes } = await drain(reds);
    expect(changes.map(({ kind }) => kind)).toEqual(['team_score', 'team_conflict']);
    expect(await app.db.rows('SELECT id FROM conflicts WHERE id = ?', [String(data[0]?.['id'])])).toEqual([]);
  });

  it('the digest changes with every write, and equals the digest computed from the records', async () => {
    const { digests } = await app.app.get(DigestsService).of(reds);
    expect(digests).toEqual({});
    const { id } = await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    await scores.create(BOB, undefined, { home: 'Blues', points: 1 });
    await scores.remove(BOB, id);
    const kept = await app.app.get(DigestsService).of(reds);
    expect(kept.digests['team_score']).toMatchObject({ count: 1, last: 3 });
    await write('UPDATE team_sequences SET digests = NULL WHERE team_id = ?', [reds.id]);
    const counted = await app.app.get(DigestsService).of(reds);
    expect(counted.digests['team_score']).toEqual(kept.digests['team_score']);
    expect(counted.digests).not.toHaveProperty('weight');
  });

  it('two people pull the changes of the team, each from their own position', async () => {
    const { id } = await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    const ada = await drain(reds);
    await scores.update(BOB, id, { points: 5 }, undefined);
    await scores.create(BOB, undefined, { home: 'Blues', points: 0 });
    const [later, bob] = [await drain(reds, ada.cursor), await drain(reds)];
    expect(later.changes).toEqual(bob.changes);
    expect(later.changes[0]).toMatchObject({ id, version: 2, data: { home: 'Reds', points: 5 } });
    await expect(pull(await newTeam(), ada.cursor)).rejects.toThrow('cursor-user-mismatch');
  });

  it('people do not see the records of the team among their own', async () => {
    const api: Api = await app.api.register();
    const device = await new Device(api).ready();
    const [result] = await device.push(device.create('team_score', { home: 'Reds', points: 1 }));
    expect(result).toMatchObject({ status: 'rejected', error: { code: 'unknown-kind' } });
    expect((await api.get('/api/sync/status')).body['kinds']).not.toContain('team_score');
    expect((await api.get('/api/sync/pull?kinds=team_score')).status).toBe(422);
    expect((await drainSync(api)).changes).toEqual([]);
  });

  it('announces the owner whose records have changed', async () => {
    const heard: Announcement[] = [];
    const end = app.app.get(Announcements).subscribe((announcement) => heard.push(announcement));
    await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    end();
    expect(heard).toEqual([{ owner: reds, head: 1, kinds: ['team_score'] }]);
  });

  it('a deleted team is not found, and its records are deleted with it', async () => {
    await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    await write('DELETE FROM teams WHERE id = ?', [reds.id]);
    await expect(scores.create(ADA, undefined, { home: 'Reds', points: 0 })).rejects.toThrow('not-found');
    for (const table of ['team_scores', 'team_sequences'])
      expect(await app.db.rows(`SELECT 1 FROM ${table} WHERE team_id = ?`, [reds.id])).toEqual([]);
  });

  it('old tombstones are purged, and a cursor from before the purge expires', async () => {
    const { id } = await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    const { cursor } = await drain(reds);
    await scores.remove(ADA, id);
    await write("UPDATE team_scores SET deleted_at = '2020-01-01 00:00:00.000' WHERE team_id = ?", [reds.id]);
    await app.app.get(RetentionService).run();
    expect(await app.db.rows('SELECT id FROM team_scores WHERE team_id = ?', [reds.id])).toEqual([]);
    await expect(pull(reds, cursor)).rejects.toThrow('cursor-expired');
  });

  it('a restore begins a new epoch for every owner', async () => {
    await scores.create(ADA, undefined, { home: 'Reds', points: 0 });
    const { cursor } = await drain(reds);
    await app.app.get(EpochsService).beginForAll();
    const refusal = await pull(reds, cursor).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'epoch-changed', options: { members: { base_seq: '1' } } });
  });

  it('an owner type with an incomplete declaration stops the start', () => {
    const catalogOf = (owner: object) => () =>
      new RecordCatalog(app.db, [...sealRecords(), { ...scoreRecord, owner: { ...teamType, ...owner } }]);
    expect(catalogOf({})).toThrow('needs the kind "team_conflict"');
    expect(catalogOf({ sequences: 'teams' })).toThrow('needs a table teams with the column team_id');
    expect(catalogOf({ table: 'users' })).toThrow(
      'team_scores must have the key (owner, id) and be deleted with its owner',
    );
  });
});
