import type { Database } from '../../platform/database/database.js';
import type { RecordCatalog } from './catalog.js';
import type { ChangeSet } from './change-sequence.js';
import { ConflictLog, type NotedConflict } from './conflict-log.js';
import { begin, merge, type MergeStatus, type RecordState } from './merge.js';
import type { RecordEdit } from './record-edit.js';
import type { RecordKind } from './record-kind.js';
import type { SyncedRecord } from './synced-record.js';

export interface RecordOutcome {
  /** `gone`: a change of a record nobody knows, or whose tombstone was purged. It is not made again. */
  readonly status: MergeStatus | 'gone';
  readonly isNew: boolean;
  /** A change brought back what was deleted: it holds fields that the author did not send. */
  readonly isRevived?: boolean;
  /** What holds now. */
  readonly record: SyncedRecord | undefined;
  readonly conflict: NotedConflict | undefined;
}

interface Touched {
  readonly kind: RecordKind;
  readonly record: SyncedRecord;
  readonly isNew: boolean;
  /** The version that lived before this transaction. */
  readonly before: number | undefined;
}

/**
 * Edits of one person's records in one transaction. They are applied in memory: the rows were read under the person's
 * lock and are written back in one statement a kind, so nothing can change in between.
 */
export class RecordChanges {
  private known = new Map<string, SyncedRecord>();
  private touched = new Map<string, Touched>();
  private readonly conflicts: ConflictLog;

  constructor(
    readonly order: ChangeSet,
    private readonly catalog: RecordCatalog,
    private readonly database: Database,
  ) {
    this.conflicts = new ConflictLog(order);
  }

  /** Reads records before they are edited; one statement. */
  async load(kind: RecordKind, ids: readonly string[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.known.has(keyOf(kind, id)));
    this.know(kind, await this.catalog.of(kind, this.order.userId).findAll(missing));
  }

  /** Records that were read some other way under the lock. */
  know(kind: RecordKind, records: readonly SyncedRecord[]): void {
    for (const record of records) this.known.set(keyOf(kind, record.id), record);
  }

  find(kind: RecordKind, id: string): SyncedRecord | undefined {
    return this.known.get(keyOf(kind, id));
  }

  /** Applies an edit of a record that was loaded. */
  apply(edit: RecordEdit): RecordOutcome {
    const current = this.find(edit.kind, edit.id);
    if (current) return this.change(current, edit);
    if (edit.op === 'create') return this.create(edit);
    const conflict = edit.op === 'update' ? this.conflicts.gone(edit) : undefined;
    return { status: 'gone', isNew: false, record: undefined, conflict };
  }

  /** Runs `work`, and undoes it when it answers false. */
  async attempt(work: () => Promise<boolean>): Promise<boolean> {
    const [known, touched] = [new Map(this.known), new Map(this.touched)];
    const mark = this.conflicts.mark();
    if (await work()) return true;
    [this.known, this.touched] = [known, touched];
    this.conflicts.reset(mark);
    return false;
  }

  /** Writes everything: one or two statements a kind, however many records. */
  async flush(): Promise<void> {
    await this.conflicts.settle(this, this.catalog);
    const all = [...this.touched.values()];
    for (const kind of new Set(all.map((entry) => entry.kind))) {
      const own = all.filter((entry) => entry.kind === kind);
      const rows = (isNew: boolean) =>
        own.filter((entry) => entry.isNew === isNew).map(({ record }) => record);
      await kind.table.insert(this.database, rows(true));
      await kind.table.put(this.database, rows(false));
      for (const { record, before } of own)
        this.order.moved(kind.name, record, before, livingVersion(record));
    }
    this.touched.clear();
  }

  /** Puts a row the service itself wrote. */
  put(kind: RecordKind, record: SyncedRecord): void {
    const key = keyOf(kind, record.id);
    const first = this.touched.get(key);
    const current = this.known.get(key);
    this.touched.set(key, {
      kind,
      record,
      isNew: first ? first.isNew : current === undefined,
      before: first ? first.before : current && livingVersion(current),
    });
    this.known.set(key, record);
  }

  private create(edit: RecordEdit): RecordOutcome {
    const { kind, id, entered, stamp } = edit;
    const state = begin({ stamp, deletes: false, groups: kind.contents(entered) });
    const record = {
      id,
      userId: this.order.userId,
      createdAt: this.order.stamp,
      ...entered,
      ...kind.definition.derive(entered),
      ...this.written(kind, state),
    } as SyncedRecord;
    this.put(kind, record);
    return { status: 'applied', isNew: true, record, conflict: undefined };
  }

  private change(current: SyncedRecord, edit: RecordEdit): RecordOutcome {
    const { kind, entered, stamp, baseVersion, op, isBlind = false } = edit;
    const before = kind.stateOf(current);
    const groups = op === 'delete' ? {} : kind.contents(entered);
    const merged = merge(before, { stamp, baseVersion, deletes: op === 'delete', isBlind, groups });
    const values = { ...kind.entered(current), ...kind.pick(entered, merged.won) };
    const isVisible = merged.state.version !== before.version;
    const record = {
      ...current,
      ...(merged.won.length > 0 ? { ...values, ...kind.definition.derive(values) } : {}),
      ...(isVisible ? this.written(kind, merged.state) : kind.columnsOf(merged.state)),
    };
    // Also when nobody sees a difference: a newer edit that said the same must count in later comparisons.
    if (isVisible || merged.state !== before) this.put(kind, record);
    const conflict = this.conflicts.note(edit, current, record, merged);
    const isRevived = op === 'update' && before.deleted && !merged.state.deleted;
    return { status: merged.status, isNew: false, isRevived, record, conflict };
  }

  private written(kind: RecordKind, state: RecordState): object {
    return {
      ...kind.columnsOf(state),
      updatedAt: this.order.stamp,
      deletedAt: state.deleted ? this.order.stamp : null,
      seq: this.order.next(),
    };
  }
}

const keyOf = ({ name }: RecordKind, id: string): string => `${name} ${id}`;

const livingVersion = (record: SyncedRecord): number | undefined =>
  record.deletedAt === null ? record.version : undefined;
