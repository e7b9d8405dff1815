import { Injectable } from '@nestjs/common';
import { Database, placeholders } from '../../../platform/database/database.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { Entered } from '../../../records/define/define-record.js';
import { person } from '../../../records/define/person/person.owner.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import { stampNow } from '../../../records/write/record-repository.js';
import { Records } from '../../../records/write/records.js';
import { isOfDeletion, writerOfValues } from '../sources/deletion-devices.js';
import type { ImportCounts, ImportJob } from './import-job.entity.js';
import type { Before, ImportedChange, Revived } from './import-step.entity.js';
import type { CheckedRow, WantedRecord } from './import-rows.js';
import { ImportUndo } from './import-undo.js';
import { ANY_IMPORT, deviceOf, isOfImport } from './imports.devices.js';
import { ImportsRepository } from './imports.repository.js';

type Decision = 'create' | 'update' | 'unchanged' | 'keep';

interface Stored {
  readonly counts: ImportCounts;
  readonly steps: number;
}

/** Stores the records of an import, some hundred in each transaction. */
@Injectable()
export class ImportWriter {
  constructor(
    private readonly records: Records,
    private readonly database: Database,
    private readonly jobs: ImportsRepository,
    private readonly undo: ImportUndo,
  ) {}

  /**
   * Stores the records of these rows, notes how they can be taken back, and moves the import on, in one transaction.
   * @returns the counts afterwards, and how many steps there are to be taken back
   * @throws ClaimLost, Problem `quota-exceeded`, and `session-revoked` when the account was closed
   */
  store(job: ImportJob, rows: readonly CheckedRow[], progress: Partial<ImportJob>): Promise<Stored> {
    const wanted = rows.flatMap(({ records }) => records);
    return this.records.change(person(job.userId), async (changes) => {
      const counts = countRows(job, rows);
      for (const [kind, ids] of byKind(wanted)) await changes.load(kind, ids);
      await changes.loadReferences(wanted);
      const done: ImportedChange[] = [];
      const slice = new TimeSlice();
      for (const record of wanted) {
        if (slice.isOver) await slice.next();
        const decision = decide(job, record, changes.find(record.kind, record.id));
        if (decision === 'create' || decision === 'update') done.push(apply(job, changes, record));
        count(counts, decision);
      }
      await this.jobs.update(job, { ...progress, ...counts });
      return { counts, steps: await this.jobs.addStep(job.userId, job.id, done) };
    });
  }

  /** What {@link store} would do with these rows. */
  async preview(job: ImportJob, rows: readonly CheckedRow[]): Promise<ImportCounts> {
    const wanted = rows.flatMap(({ records }) => records);
    const counts = countRows(job, rows);
    const slice = new TimeSlice();
    for (const [kind, ids] of byKind(wanted)) {
      const found = await kind.select(this.database, job.userId, `id IN (${placeholders(ids.length)})`, ids);
      const known = new Map(found.map((record) => [record.id, record]));
      for (const record of wanted) {
        if (slice.isOver) await slice.next();
        if (record.kind === kind) count(counts, decide(job, record, known.get(record.id)));
      }
    }
    return counts;
  }

  /**
   * Takes back the newest step of an import: deletes what it created, and restores what it overwrote. A record that has
   * other values by now is left.
   * @returns false when nothing is left to be taken back
   */
  takeBack(job: ImportJob, progress: Partial<ImportJob>): Promise<ImportJob | undefined> {
    return this.records.change(person(job.userId), async (changes) => {
      const step = await this.jobs.lastStep(job.userId, job.id);
      if (!step) return undefined;
      const known = step.changes.flatMap(([name, id]) => {
        const kind = this.records.catalog.find(name);
        return kind ? [{ kind, id }] : [];
      });
      for (const [kind, ids] of byKind(known)) await changes.load(kind, ids);
      const taken = await this.undo.revert(job, changes, step.changes);
      const counts = {
        recordsTakenBack: job.recordsTakenBack + taken,
        recordsLeft: job.recordsLeft + step.changes.length - taken,
      };
      await this.jobs.update(job, { ...progress, ...counts });
      await this.jobs.removeStep(step);
      return { ...job, ...progress, ...counts };
    });
  }
}

function decide({ onChanged }: ImportJob, wanted: WantedRecord, current: SyncedRecord | undefined): Decision {
  if (!current) return 'create';
  const { kind, entered } = wanted;
  if (current.deletedAt === null && kind.contains(current, entered)) return 'unchanged';
  return onChanged === 'replace' || isOfImport(current.modifiedBy) ? 'update' : 'keep';
}

function apply({ id: importId }: ImportJob, changes: RecordChanges, wanted: WantedRecord): ImportedChange {
  const { kind, id, hash } = wanted;
  const current = changes.find(kind, id);
  const stamp = stampNow({ deviceId: deviceOf(importId) }, changes);
  const entered = { ...wanted.entered, ...(current ? losses(kind, current, wanted.entered) : {}) };
  const { record } = changes.apply(
    current
      ? { kind, id, op: 'update', entered, stamp, baseVersion: current.version }
      : { kind, id, op: 'create', entered, stamp },
  );
  return [kind.name, id, hash, ...beforeOf(kind, current, record)];
}

/** What was there before a change, who wrote it, and what is noted of a tombstone. */
function beforeOf(
  kind: RecordKind,
  current: SyncedRecord | undefined,
  after: SyncedRecord | undefined,
): [Before, string | null] | [Before, string | null, Revived] {
  const isUnder = current !== undefined && isOfDeletion(current);
  const writer = (isUnder ? writerOfValues(kind, current) : current?.modifiedBy) ?? ANY_IMPORT;
  const before =
    current && (current.deletedAt === null || isUnder) ? kind.fieldsWire(kind.entered(current)) : null;
  const noted: [Before, string | null] = [before, isOfImport(writer) ? writer : null];
  if (!current || current.deletedAt === null) return noted;
  const version = after?.version ?? current.version;
  return [...noted, isUnder ? { version, under: current.modifiedBy } : { version }];
}

/** What the person has added goes with the value that the file replaces, where the file's value cannot have it. */
const losses = (kind: RecordKind, current: SyncedRecord, entered: Entered): Entered =>
  current.deletedAt === null
    ? (kind.definition.reconcile?.({ ...kind.entered(current), ...entered }) ?? {})
    : {};

function byKind(records: readonly { kind: RecordKind; id: string }[]): Map<RecordKind, string[]> {
  const idsOf = new Map<RecordKind, string[]>();
  for (const { kind, id } of records) {
    const ids = idsOf.get(kind) ?? [];
    ids.push(id);
    idsOf.set(kind, ids);
  }
  return idsOf;
}

function countRows(job: ImportCounts, rows: readonly CheckedRow[]): ImportCounts {
  const { recordsCreated, recordsUpdated, recordsUnchanged, recordsKept } = job;
  const isFailed = ({ errors }: CheckedRow): boolean => errors.length > 0;
  const isSkipped = (row: CheckedRow): boolean =>
    !isFailed(row) && row.records.length === 0 && row.repeated === 0;
  return {
    rowsRead: job.rowsRead + rows.length,
    rowsFailed: job.rowsFailed + rows.filter(isFailed).length,
    rowsSkipped: job.rowsSkipped + rows.filter(isSkipped).length,
    recordsCreated,
    recordsUpdated,
    recordsUnchanged: recordsUnchanged + rows.reduce((sum, { repeated }) => sum + repeated, 0),
    recordsKept,
  };
}

const COUNTERS = {
  create: 'recordsCreated',
  update: 'recordsUpdated',
  unchanged: 'recordsUnchanged',
  keep: 'recordsKept',
} as const;

const count = (counts: ImportCounts, decision: Decision): void => void (counts[COUNTERS[decision]] += 1);
