import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { batchesOf } from '../../../platform/database/batches.js';
import type { Entered } from '../../../records/define/define-record.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import { isShared } from '../../../records/merge/uploads.js';
import { stampNow } from '../../../records/write/record-repository.js';
import { Records } from '../../../records/write/records.js';
import { isOfDeletion, writerOfValues } from '../sources/deletion-devices.js';
import { SourceTombstones } from '../sources/source-tombstones.js';
import type { ImportJob } from './import-job.entity.js';
import { ImportOverwritten } from './import-overwritten.entity.js';
import { hashOf } from './import-rows.js';
import type { Before, ImportedChange } from './import-step.entity.js';
import { ANY_IMPORT, deviceOf, importOf, isOfImport, writerOf } from './imports.devices.js';

/** What a record shall have again, and whose it is then. */
interface Earlier {
  readonly before: Before;
  /** The device of an import. Null for what was the person's own. */
  readonly writer: string | null;
  /** The device of the deletion of a source under which it was. */
  readonly under: string | null;
}

/** One change that is taken back, and what the record gets. */
interface Reverted extends Earlier {
  readonly change: ImportedChange;
  readonly kind: RecordKind;
  /** The earlier values, none for a deletion. Undefined when they are not accepted any more. */
  readonly entered: Entered | undefined;
}

/** The device of what undo restores, unless an import had made it: it is the person's own again. */
const RESTORING_DEVICE = 'import-undo/';

/**
 * Takes changes of imports back, in whatever order the imports are taken back, and whatever becomes of their source: a record that lies under
 * the deletion of a source gets its earlier values there.
 */
@Injectable()
export class ImportUndo {
  constructor(
    @InjectRepository(ImportOverwritten) private readonly overwritten: Repository<ImportOverwritten>,
    private readonly records: Records,
    private readonly sources: SourceTombstones,
  ) {}

  /** Joins the caller's unit of work, which has loaded the records. @returns how many were taken back */
  async revert(job: ImportJob, changes: RecordChanges, done: readonly ImportedChange[]): Promise<number> {
    const noted = await this.notedFor(
      job.userId,
      done.map(([, id]) => id),
    );
    // Backwards: a record that was changed twice gets the values from before the first change.
    const reverted = done.toReversed().flatMap((change) => this.revertedBy(change, noted));
    await changes.loadReferences(reverted.map(({ kind, entered = {} }) => ({ kind, entered })));
    const undone = await this.takenBack(job, changes, reverted);
    const left = new Map<string, ImportedChange>();
    const covered = new Set<string>();
    let taken = 0;
    for (const one of reverted) {
      const { change, kind } = one;
      const current = changes.find(kind, change[1]);
      if (current && isOf(job, kind, current, change[2])) {
        const under = coverOf(kind, current, one, undone);
        if (!restore(changes, current, one, ofOthers(job, kind, current), under)) continue;
        taken += 1;
        if (under !== undefined) covered.add(under);
      } else if (current && isOfImport(writerNow(kind, current))) left.set(change[1], change);
    }
    await this.sources.extend(job.userId, covered, changes.order.stamp);
    await this.note(job, left, noted);
    return taken;
  }

  /** The devices of the deletions of sources under which some of these records are or were, and that were taken back. */
  private takenBack(
    { userId }: ImportJob,
    changes: RecordChanges,
    reverted: readonly Reverted[],
  ): Promise<ReadonlySet<string>> {
    const devices = reverted.flatMap(({ under, kind, change: [, id] }) => {
      const current = changes.find(kind, id);
      return [under, current && isOfDeletion(current) ? current.modifiedBy : null].filter(
        (one) => one !== null,
      );
    });
    return this.sources.takenBack(userId, new Set(devices));
  }

  /** Removes some of what is noted of an import. @returns false when nothing was left */
  async forget({ userId, id }: Pick<ImportJob, 'userId' | 'id'>, most: number): Promise<boolean> {
    const found = await this.overwritten.find({
      select: { recordId: true },
      where: { userId, importId: id },
      order: { recordId: 'ASC' },
      take: most,
    });
    if (found.length === 0) return false;
    await this.overwritten.delete({
      userId,
      importId: id,
      recordId: In(found.map(({ recordId }) => recordId)),
    });
    return true;
  }

  private revertedBy(change: ImportedChange, noted: ReadonlyMap<string, Earlier>): Reverted[] {
    const [name, id] = change;
    const kind = this.records.catalog.find(name);
    if (!kind) return [];
    const earlier = earliest(change, noted);
    const read = earlier.before === null ? {} : kind.readAll(earlier.before, id);
    return [{ ...earlier, change, kind, entered: Array.isArray(read) ? undefined : read }];
  }

  private async notedFor(userId: string, ids: readonly string[]): Promise<Map<string, Earlier>> {
    const noted = new Map<string, Earlier>();
    for (const some of batchesOf([...new Set(ids)]))
      for (const row of await this.overwritten.findBy({ userId, recordId: In([...some]) }))
        noted.set(`${row.recordId} ${row.importId}`, {
          before: row.earlier,
          writer: row.writer,
          under: row.under,
        });
    return noted;
  }

  /** A later import has overwritten these: when it is taken back, they must not come back. */
  private async note(
    { userId, id: importId }: ImportJob,
    left: ReadonlyMap<string, ImportedChange>,
    noted: ReadonlyMap<string, Earlier>,
  ): Promise<void> {
    const rows = [...left.values()].map((change) => {
      const [, recordId] = change;
      const under = change[5]?.under ?? null;
      return { userId, importId, recordId, earlier: change[3], writer: writerOf(change), under };
    });
    const isNoted = ({ recordId }: ImportOverwritten): boolean => noted.has(`${recordId} ${importId}`);
    for (const row of rows.filter(isNoted))
      await this.overwritten.update({ userId, importId, recordId: row.recordId }, row);
    // A step has few rows.
    const others = rows.filter((row) => !isNoted(row));
    if (others.length > 0) await this.overwritten.insert(others);
  }
}

const isWriter = ({ id }: ImportJob, device: string): boolean =>
  device === deviceOf(id) || device === ANY_IMPORT;

/** The device of whoever wrote the record as it is: the deletion of its source has not changed its values. */
const writerNow = (kind: RecordKind, current: SyncedRecord): string =>
  (isOfDeletion(current) ? writerOfValues(kind, current) : undefined) ?? current.modifiedBy;

/** Whether a record still has what the import wrote, and nobody else wrote or uploaded the same afterwards. */
function isOf(job: ImportJob, kind: RecordKind, current: SyncedRecord, hash: string): boolean {
  if (current.deletedAt !== null && !isOfDeletion(current)) return false;
  if (isShared(kind, current) || !isWriter(job, writerNow(kind, current))) return false;
  const entered = kind.entered(current);
  // What the import said of a record has an equal hash, so a hash without a group is that of an import that did not say it.
  const unsaid = [[], notSaid(job, kind, current), [...kind.later]];
  return unsaid.some((groups) => hash === hashOf(kind, omit(kind, entered, groups)));
}

/** The groups that were added later and of which the import has said nothing, because its file or its version had none of them. */
function notSaid(job: ImportJob, kind: RecordKind, current: SyncedRecord): string[] {
  const { groups } = kind.stateOf(current);
  return [...kind.later].filter((name) => !isWriter(job, groups[name]?.stamp.device ?? ''));
}

/** Those of which somebody else has said something: the import has not written it, so undo does not take it back. */
const ofOthers = (job: ImportJob, kind: RecordKind, current: SyncedRecord): string[] => {
  const { groups } = kind.stateOf(current);
  return notSaid(job, kind, current).filter((name) => groups[name] !== undefined);
};

const omit = (kind: RecordKind, entered: Entered, groups: readonly string[]): Entered => {
  const omitted = kind.pick(entered, groups);
  return Object.fromEntries(Object.entries(entered).filter(([property]) => !(property in omitted)));
};

/** What was there before a change, and before all imports under it that were taken back already. */
function earliest(change: ImportedChange, noted: ReadonlyMap<string, Earlier>): Earlier {
  const [, id, , before] = change;
  let found: Earlier = { before, writer: writerOf(change), under: change[5]?.under ?? null };
  for (let steps = 0; steps < noted.size; steps++) {
    const under = found.writer === null ? undefined : noted.get(`${id} ${importOf(found.writer)}`);
    if (!under) break;
    // A deletion of the source covers what lies below, too.
    found = { ...under, under: under.under ?? found.under };
  }
  return found;
}

/**
 * The deletion of a source under which the earlier values come: the one under which they were before the import, or else that under which
 * the record is, if it deletes what they come from. Undefined for values that are live then, also because it was taken back.
 */
function coverOf(
  kind: RecordKind,
  current: SyncedRecord,
  { before, under, entered }: Reverted,
  undone: ReadonlySet<string>,
): string | undefined {
  if (before === null) return undefined;
  const now =
    isOfDeletion(current) && isOfSameSource(kind, current, entered) ? current.modifiedBy : undefined;
  const cover = under ?? now;
  return cover === undefined || undone.has(cover) ? undefined : cover;
}

function isOfSameSource({ definition }: RecordKind, current: SyncedRecord, entered: Entered = {}): boolean {
  const property = definition.source?.source;
  if (property === undefined || entered[property] === undefined) return true;
  return entered[property] === (current as unknown as Entered)[property];
}

/**
 * @param others groups that are not the import's: they stay, and a record with a value of one is not deleted
 * @param under the device of the deletion of a source under which the values come
 * @returns false for values that are not accepted any more: the record is left, and the others are taken back
 */
function restore(
  changes: RecordChanges,
  current: SyncedRecord,
  { before, writer, kind, entered: earlier, change }: Reverted,
  others: readonly string[],
  under: string | undefined,
): boolean {
  if (!earlier) return false;
  const { id, version: baseVersion } = current;
  const added = before === null ? addedTo(kind, current, others, change[5]?.version ?? 0) : {};
  if (Object.values(added).some((value) => value !== null)) return false;
  const entered = omit(kind, earlier, others);
  const op = before === null ? ('delete' as const) : ('update' as const);
  const stamp = stampNow({ deviceId: writer ?? RESTORING_DEVICE }, changes);
  const edit = { kind, id, op, entered, stamp, baseVersion };
  if (changes.faultsOf(edit).length > 0) return false;
  const { record } = changes.apply(edit);
  if (under === undefined) return true;
  const deletion = {
    kind,
    id,
    op: 'delete' as const,
    entered: {},
    stamp: stampNow({ deviceId: under }, changes),
  };
  changes.apply({ ...deletion, baseVersion: record?.version });
  return true;
}

/** The values of groups that somebody has set since the import: those of a tombstone that it made live are older. */
function addedTo(kind: RecordKind, current: SyncedRecord, groups: readonly string[], since: number): Entered {
  const held = kind.stateOf(current).groups;
  const later = groups.filter((name) => (held[name]?.version ?? 0) > since);
  return kind.pick(kind.entered(current), later);
}
