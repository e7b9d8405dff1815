import { type Database, placeholders } from '../../platform/database/database.js';
import { canonical } from '../../kernel/canonical.js';
import { type FieldError, Problem } from '../../kernel/http/problem.js';
import { grouped } from '../../platform/grouped.js';
import type { ArrivedEdit } from '../define/define-record.js';
import type { RecordCatalog } from '../define/record-catalog.js';
import type { ChangeSet } from '../write/change-sequence.js';
import type { RecordLimits } from '../write/record-limits.js';
import type { RecordEvents } from '../write/record-events.js';
import type { QuotaExceeded } from '../../kernel/quotas/quota-exceeded.js';
import { ConflictLog, type NotedConflict } from './conflict-log.js';
import { faultsOf } from './admission.js';
import { begin, type MergeStatus, type RecordState } from './merge.js';
import { mergedRecord } from './merged-record.js';
import { moveCount, type RecordCounts } from './record-counts.js';
import { othersOf } from './other-records.js';
import { renewWaiting } from './awaited-records.js';
import type { RecordEdit } from './record-edit.js';
import type { RecordKind } from '../define/record-kind.js';
import type { SyncedRecord, UploadedRecord } from '../define/synced-record.js';
import {
  changeOf,
  isMoved,
  lifeAfter,
  lifeBefore,
  livingVersion,
  movesOf,
  type Touched,
  whileLive,
} from './touched.js';
import { firstUpload, isUpload, newsOf, uploadedAfter } from './uploads.js';

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

/**
 * Edits records of one owner in one transaction. It reads the rows under the owner's lock, applies the edits in memory, and
 * writes the rows by one or two statements for each kind. The lock prevents other changes in between.
 */
export class RecordChanges {
  private known = new Map<string, SyncedRecord>();
  private touched = new Map<string, Touched>();
  private readonly conflicts: ConflictLog;
  /** What the rules of a kind depend on further. */
  private readonly gathered = new Map<RecordKind, unknown>();
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
    const { definition } = this.catalog.get(needed);
    return this.limits.roomFor(definition, counts) > 0 ? undefined : this.limits.exceeded(definition, counts);
  }

  /** Reads the records on which the rules for these edits depend. */
  async loadReferences(edits: readonly (Pick<RecordEdit, 'kind'> & ArrivedEdit)[]): Promise<void> {
    const references = edits.flatMap(({ kind, entered }) => kind.definition.refersTo(entered));
    for (const [kind, own] of grouped(references, (one) => one.kind)) {
      const ids = own.map(({ id }) => id);
      await this.load(this.catalog.get(kind), ids);
    }
    for (const [kind, own] of grouped(edits, (edit) => edit.kind)) await this.gather(kind, own);
  }

  private async gather(kind: RecordKind, edits: readonly ArrivedEdit[]): Promise<void> {
    const found = await kind.definition.gather?.(edits, othersOf(this.database, this.order.owner));
    if (found !== undefined) this.gathered.set(kind, found);
  }

  /** Why an edit breaks the rules of its kind, by what is stored. Its references must be loaded before. */
  faultsOf(edit: RecordEdit): readonly FieldError[] {
    const find = (kind: string, id: string) => this.find(this.catalog.get(kind), id);
    return faultsOf(edit, { find, gathered: this.gathered.get(edit.kind), now: this.order.stamp });
  }

  /**
   * Applies an edit. Its record must be loaded before, if it exists.
   * @throws Problem `quota-exceeded` as {@link shortageFor}, `validation` as {@link faultsOf}
   */
  apply(edit: RecordEdit): RecordOutcome {
    const shortage = this.shortageFor(edit);
    if (shortage) throw shortage;
    const [fault] = this.faultsOf(edit);
    if (fault) throw new Problem('validation', { errors: [fault] });
    const current = this.find(edit.kind, edit.id);
    if (current && isUpload(edit)) return this.upload(current as UploadedRecord, edit);
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
    const others = othersOf(this.database, this.order.owner);
    await renewWaiting(this, this.touched.values(), this.catalog, others);
    const all = [...this.touched.values()];
    for (const kind of inOrder(all.map((entry) => entry.kind))) {
      const own = all.filter((entry) => entry.kind === kind);
      const rows = (isNew: boolean) =>
        own.filter((entry) => entry.isNew === isNew).map(({ record }) => record);
      const { compare, follow } = kind.definition;
      const moved = own.filter(isMoved);
      if (compare)
        await compare(
          moved.map(({ record }) => record),
          others,
          new Map(moved.flatMap(({ before }) => (before ? [[before.id, before]] : []))),
        );
      await kind.table.insert(this.database, rows(true));
      await kind.table.put(this.database, rows(false));
      if (follow) await follow(movesOf(moved), others);
      for (const entry of own) {
        this.order.moved(kind.name, entry.record, entry.before?.version, livingVersion(entry.record));
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
      before: first ? first.before : current && whileLive(current),
    });
    this.known.set(key, record);
  }

  /** Writes a stored record again as it is, because what it is compared with has changed. */
  renew(kind: RecordKind, id: string): void {
    const record = this.find(kind, id);
    if (!record || this.touched.has(keyOf(kind, id))) return;
    const state = { ...kind.stateOf(record), version: record.version + 1 };
    this.put(kind, Object.assign({ ...record }, this.written(kind, state)));
  }

  private roomFor(kind: string): number {
    const room =
      this.room.get(kind) ??
      this.limits.roomFor(this.catalog.get(kind).definition, this.order.knownCounts ?? {});
    this.room.set(kind, room);
    return room;
  }

  /** The counts as they will be after the edits so far. */
  private countsAfter(): RecordCounts {
    let counts = this.order.knownCounts ?? {};
    for (const entry of this.touched.values())
      counts = moveCount(counts, entry.kind.name, lifeBefore(entry), lifeAfter(entry));
    const { conflicts } = this.order.owner.type;
    return moveCount(counts, conflicts, undefined, 'live', this.conflicts.size);
  }

  private create(edit: RecordEdit): RecordOutcome {
    const { kind, id, entered, stamp } = edit;
    const prevails = kind.prevailsIn(entered);
    const state = begin({ stamp, deletes: false, groups: kind.contents(entered), prevails });
    // By Object.assign: V8 takes ten times as long for a literal with several spreads, and a push makes a hundred records.
    const record = Object.assign(
      { id, createdAt: this.order.stamp },
      kind.ownedBy(this.order.owner.id),
      entered,
      kind.definition.derive(entered),
      this.written(kind, state),
      isUpload(edit) ? { uploaded: firstUpload(edit) } : undefined,
    ) as SyncedRecord;
    this.put(kind, record);
    return { status: 'applied', isNew: true, record, conflict: undefined };
  }

  private change(current: SyncedRecord, edit: RecordEdit): RecordOutcome {
    const { kind, op } = edit;
    const made = mergedRecord(current, edit);
    const { merged, values, changed } = made;
    const record = Object.assign(
      { ...current },
      merged.won.length > 0 ? values : {},
      kind.isDerivedFrom(changed) ? kind.definition.derive(values) : {},
      merged.state.version === current.version
        ? kind.columnsOf(merged.state)
        : this.written(kind, merged.state),
    );
    // Also without a visible difference, because later edits must be compared with this newer edit.
    this.put(kind, record);
    const conflict = this.conflicts.note(edit, current, record, made);
    const isRevived = op === 'update' && current.deletedAt !== null && record.deletedAt === null;
    return { status: merged.status, isNew: false, isRevived, record, conflict };
  }

  /** Applies what a source says otherwise than in its last upload of the record. */
  private upload(current: UploadedRecord, edit: RecordEdit): RecordOutcome {
    const news = newsOf(current, edit);
    const outcomes: RecordOutcome[] = [];
    for (const one of news.edits) outcomes.push(this.change(outcomes.at(-1)?.record ?? current, one));
    const after = (outcomes.at(-1)?.record ?? current) as UploadedRecord;
    const statuses = new Set(outcomes.map((one) => one.status));
    if (news.isLate) statuses.add('superseded');
    const [status = 'duplicate', other] = statuses;
    const outcome: RecordOutcome = {
      status: other === undefined ? status : 'merged',
      isNew: false,
      record: after,
      conflict: outcomes.find(({ conflict }) => conflict)?.conflict,
    };
    const uploaded = uploadedAfter(current, after, edit, news);
    if (canonical(uploaded) === canonical(current.uploaded)) return outcome;
    const record = { ...after, uploaded };
    this.put(edit.kind, record);
    return { ...outcome, record };
  }

  private written(kind: RecordKind, state: RecordState): object {
    return Object.assign(kind.columnsOf(state), {
      updatedAt: this.order.stamp,
      deletedAt: state.deleted ? this.order.stamp : null,
      seq: this.order.next(),
    });
  }
}

/** Each kind once. Those that are compared come last, because they may be compared with records of the others. */
const inOrder = (kinds: readonly RecordKind[]): RecordKind[] =>
  [...new Set(kinds)].toSorted(
    (a, b) => Number(a.definition.compare !== undefined) - Number(b.definition.compare !== undefined),
  );

const keyOf = ({ name }: RecordKind, id: string): string => `${name} ${id}`;
