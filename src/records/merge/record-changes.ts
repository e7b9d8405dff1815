import { type Database, placeholders } from '../../platform/database/database.js';
import type { RecordCatalog } from '../define/record-catalog.js';
import type { ChangeSet } from '../write/change-sequence.js';
import type { RecordLimits } from '../write/record-limits.js';
import type { RecordEvents } from '../write/record-events.js';
import type { QuotaExceeded } from '../../kernel/quotas/quota-exceeded.js';
import { ConflictLog, type NotedConflict } from './conflict-log.js';
import { begin, merge, type MergeStatus, type RecordState } from './merge.js';
import { type Life, moveCount, type RecordCounts } from './record-counts.js';
import type { RecordEdit } from './record-edit.js';
import type { RecordKind } from '../define/record-kind.js';
import type { RecordChange } from '../define/records-changed.js';
import type { SyncedRecord } from '../define/synced-record.js';

export interface RecordOutcome {
  /** `gone`: the record is unknown, or its tombstone was purged. The change does not create it again. */
  readonly status: MergeStatus | 'gone';
  readonly isNew: boolean;
  /** True when the change restored a deleted record: the record then has fields that the author did not send. */
  readonly isRevived?: boolean;
  /** The record after the edit. */
  readonly record: SyncedRecord | undefined;
  readonly conflict: NotedConflict | undefined;
}

interface Touched {
  readonly kind: RecordKind;
  readonly record: SyncedRecord;
  readonly isNew: boolean;
  /** The version before this transaction; undefined when the record was not live. */
  readonly before: number | undefined;
}

/**
 * Edits records of one owner in one transaction. It reads the rows under the owner's lock, applies the edits in memory, and
 * writes the rows by one or two statements for each kind. The lock prevents other changes in between.
 */
export class RecordChanges {
  private known = new Map<string, SyncedRecord>();
  private touched = new Map<string, Touched>();
  private readonly conflicts: ConflictLog;
  /** How many new records of a kind fit, before the edits of this transaction. */
  private readonly room = new Map<string, number>();

  constructor(
    readonly order: ChangeSet,
    private readonly catalog: RecordCatalog,
    private readonly database: Database,
    private readonly events: RecordEvents,
    private readonly limits: RecordLimits,
  ) {
    this.conflicts = new ConflictLog(order);
  }

  /** Reads records by one statement, before they are edited. */
  async load(kind: RecordKind, ids: readonly string[]): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.known.has(keyOf(kind, id)));
    if (missing.length > 0)
      this.know(kind, await this.select(kind, `id IN (${placeholders(missing.length)})`, missing));
  }

  /** Reads the owner's records of a kind for which `where` is true, tombstones included. */
  private select(kind: RecordKind, where: string, values: readonly string[]): Promise<SyncedRecord[]> {
    const { type, id } = this.order.owner;
    if (kind.owner !== type) throw new Error(`A ${kind.name} does not belong to a ${type.name}`);
    return kind.select(this.database, id, where, values);
  }

  /** Adds records that were read in another way under the lock. */
  know(kind: RecordKind, records: readonly SyncedRecord[]): void {
    for (const record of records) this.known.set(keyOf(kind, record.id), record);
  }

  find(kind: RecordKind, id: string): SyncedRecord | undefined {
    return this.known.get(keyOf(kind, id));
  }

  /**
   * Why an edit cannot be applied: it needs a new record, and the owner's quota is used up. An edit of a stored record is never
   * refused. Of an unknown record, the values of an update would be kept in a new conflict.
   */
  shortageFor({ kind, id, op }: RecordEdit): QuotaExceeded | undefined {
    if (op === 'delete' || this.find(kind, id)) return undefined;
    const needed = op === 'create' ? kind.name : this.order.owner.type.conflicts;
    // At least as many as the edits so far have stored.
    if (this.touched.size + this.conflicts.mark() < this.roomFor(needed)) return undefined;
    const counts = this.countsAfter();
    return this.limits.roomFor(needed, counts) > 0 ? undefined : this.limits.exceeded(needed, counts);
  }

  /**
   * Applies an edit. Its record must be loaded before, if it exists.
   * @throws Problem `quota-exceeded` as {@link shortageFor}
   */
  apply(edit: RecordEdit): RecordOutcome {
    const shortage = this.shortageFor(edit);
    if (shortage) throw shortage;
    const current = this.find(edit.kind, edit.id);
    if (current) return this.change(current, edit);
    if (edit.op === 'create') return this.create(edit);
    const conflict = edit.op === 'update' ? this.conflicts.gone(edit) : undefined;
    return { status: 'gone', isNew: false, record: undefined, conflict };
  }

  /** Runs `work`, and undoes its edits when it returns false. */
  async attempt(work: () => Promise<boolean>): Promise<boolean> {
    const [known, touched] = [new Map(this.known), new Map(this.touched)];
    const mark = this.conflicts.mark();
    if (await work()) return true;
    [this.known, this.touched] = [known, touched];
    this.conflicts.reset(mark);
    return false;
  }

  /** Writes all changes, by one or two statements for each kind. */
  async flush(): Promise<void> {
    await this.conflicts.settle(this, this.catalog);
    const all = [...this.touched.values()];
    for (const kind of new Set(all.map((entry) => entry.kind))) {
      const own = all.filter((entry) => entry.kind === kind);
      const rows = (isNew: boolean) =>
        own.filter((entry) => entry.isNew === isNew).map(({ record }) => record);
      await kind.table.insert(this.database, rows(true));
      await kind.table.put(this.database, rows(false));
      for (const entry of own) {
        this.order.moved(kind.name, entry.record, entry.before, livingVersion(entry.record));
        this.order.countMoved(kind.name, lifeBefore(entry), lifeAfter(entry));
      }
      if (this.events.hasSubscribers(kind.name))
        await this.events.publish(kind.name, this.order.owner, own.flatMap(changeOf));
    }
    this.touched.clear();
    this.room.clear();
  }

  /** Adds a row that {@link flush} writes. */
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

  private roomFor(kind: string): number {
    const room = this.room.get(kind) ?? this.limits.roomFor(kind, this.order.knownCounts ?? {});
    this.room.set(kind, room);
    return room;
  }

  /** The counts as they will be after the edits so far. */
  private countsAfter(): RecordCounts {
    let counts = this.order.knownCounts ?? {};
    for (const entry of this.touched.values())
      counts = moveCount(counts, entry.kind.name, lifeBefore(entry), lifeAfter(entry));
    const { conflicts } = this.order.owner.type;
    return moveCount(counts, conflicts, undefined, 'live', this.conflicts.mark());
  }

  private create(edit: RecordEdit): RecordOutcome {
    const { kind, id, entered, stamp } = edit;
    const state = begin({ stamp, deletes: false, groups: kind.contents(entered) });
    const record = {
      ...kind.ownedBy(this.order.owner.id),
      id,
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
    // Also write it without a visible difference, because later edits must be compared with this newer edit.
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

const lifeBefore = ({ isNew, before }: Touched): Life =>
  isNew ? undefined : before === undefined ? 'deleted' : 'live';

const lifeAfter = ({ record }: Touched): Life => (record.deletedAt === null ? 'live' : 'deleted');

/** The change of a record for its event. Empty for an edit without a visible difference. */
function changeOf({ record, before }: Touched): RecordChange[] {
  const { id, version } = record;
  const after = livingVersion(record);
  if (after === before) return [];
  const type = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated';
  return [{ id, version, type }];
}
