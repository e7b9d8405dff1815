import { v5 as uuidv5 } from 'uuid';
import { canonical } from './canonical.js';
import type { RecordCatalog } from './catalog.js';
import type { ChangeSet } from './change-sequence.js';
import type { Conflict, ConflictSide } from './conflict.entity.js';
import { conflictRecord } from './conflict.record.js';
import type { Merge } from './merge.js';
import type { Entered } from './record.js';
import type { RecordEdit } from './record-edit.js';
import type { RecordKind } from './record-kind.js';
import type { SyncedRecord } from './synced-record.js';

export interface NotedConflict {
  readonly id: string;
  /** Whether a person should choose. */
  readonly isOpen: boolean;
}

interface Entry {
  readonly kind: RecordKind;
  readonly recordId: string;
  readonly reason: 'concurrent-edit' | 'deleted' | 'gone';
  readonly baseVersion: number | undefined;
  readonly winner: ConflictSide | null;
  readonly loser: ConflictSide;
  readonly asks: boolean;
}

/** Where conflicts are looked up and written. */
interface ConflictStore {
  load(kind: RecordKind, ids: readonly string[]): Promise<void>;
  find(kind: RecordKind, id: string): SyncedRecord | undefined;
  put(kind: RecordKind, record: SyncedRecord): void;
}

/**
 * What lost, in this transaction. Nothing a person typed goes without a trace: the losing side is kept whole beside the
 * winning one, whether or not anybody is asked.
 */
export class ConflictLog {
  private entries: (Entry & NotedConflict)[] = [];

  constructor(private readonly order: ChangeSet) {}

  mark(): number {
    return this.entries.length;
  }

  reset(mark: number): void {
    this.entries = this.entries.slice(0, mark);
  }

  /** A change of a record that is not there (any more). */
  gone(edit: RecordEdit): NotedConflict {
    return this.add({
      ...about(edit),
      reason: 'gone',
      winner: null,
      loser: sideOfEdit(edit, edit.entered),
      asks: true,
    });
  }

  /** What a merge cost, if anything. */
  note(
    edit: RecordEdit,
    before: SyncedRecord,
    after: SyncedRecord,
    merged: Merge,
  ): NotedConflict | undefined {
    const { contested, contestedLife, won, state } = merged;
    if (contestedLife && state.deleted) return this.noteDeletion(edit, before, after);
    const { kind, entered } = edit;
    const lost = contested.filter((group) => !won.includes(group));
    const replaced = contested.filter((group) => won.includes(group));
    const held = kind.entered(before);
    const losers: [ConflictSide, readonly string[], Entered, Entered][] = [
      [sideOfEdit(edit, kind.pick(entered, lost)), lost, held, entered],
      [sideOfRecord(kind, before, kind.pick(held, replaced)), replaced, entered, held],
    ];
    const [noted] = losers
      .filter(([, groups]) => groups.length > 0)
      .map(([loser, , kept, gone]) =>
        this.add({
          ...about(edit),
          reason: 'concurrent-edit',
          winner: sideOfRecord(kind, after),
          loser,
          asks: kind.definition.asks({ ...held, ...kept }, { ...held, ...gone }),
        }),
      );
    return noted;
  }

  /** Writes what is not known from an earlier attempt: the id of a conflict follows from what lost. */
  async settle(store: ConflictStore, catalog: RecordCatalog): Promise<void> {
    if (this.entries.length === 0) return;
    const kind = catalog.get(conflictRecord.kind);
    await store.load(
      kind,
      this.entries.map(({ id }) => id),
    );
    for (const entry of this.entries) {
      if (store.find(kind, entry.id)) continue;
      // As it is committed: what held in between nobody ever saw.
      const held = entry.winner && store.find(entry.kind, entry.recordId);
      const winner = held ? sideOfRecord(entry.kind, held) : entry.winner;
      store.put(kind, this.recordOf({ ...entry, winner }));
    }
    this.entries = [];
  }

  /** Of a change and a deletion that did not know of each other, only the change can be lost. */
  private noteDeletion(
    edit: RecordEdit,
    before: SyncedRecord,
    after: SyncedRecord,
  ): NotedConflict | undefined {
    const loser = edit.op === 'delete' ? sideOfRecord(edit.kind, before) : sideOfEdit(edit, edit.entered);
    const winner = sideOfRecord(edit.kind, after);
    return this.add({ ...about(edit), reason: 'deleted', winner, loser, asks: true });
  }

  private add(entry: Entry): NotedConflict {
    const { kind, recordId, loser, asks } = entry;
    const name = [kind.name, recordId, loser.modified_by, loser.modified_at, canonical(loser.data)].join(
      '\n',
    );
    const noted = { id: uuidv5(name, this.order.userId), isOpen: asks };
    this.entries.push({ ...entry, ...noted });
    return noted;
  }

  private recordOf(entry: Entry & NotedConflict): Conflict {
    const { stamp, userId } = this.order;
    const { id, isOpen, reason, winner, loser } = entry;
    return {
      id,
      userId,
      recordKind: entry.kind.name,
      recordId: entry.recordId,
      reason,
      baseVersion: entry.baseVersion ?? null,
      winner,
      loser,
      status: isOpen ? 'open' : 'resolved',
      resolution: isOpen ? null : 'automatic',
      resolvedAt: isOpen ? null : stamp,
      createdAt: stamp,
      updatedAt: stamp,
      deletedAt: null,
      version: 1,
      seq: this.order.next(),
      modifiedAt: stamp,
      modifiedCounter: 0,
      modifiedBy: '',
      modifiedSeq: 0n,
    };
  }
}

const about = ({ kind, id, baseVersion }: RecordEdit) => ({ kind, recordId: id, baseVersion });

const sideOfEdit = ({ kind, stamp, op }: RecordEdit, entered: Entered): ConflictSide => ({
  modified_at: new Date(stamp.time).toISOString(),
  modified_by: stamp.device,
  version: null,
  deleted: op === 'delete',
  data: op === 'delete' ? null : kind.fieldsWire(entered),
});

const sideOfRecord = (
  kind: RecordKind,
  record: SyncedRecord,
  entered: Entered = kind.entered(record),
): ConflictSide => ({
  modified_at: record.modifiedAt.toISOString(),
  modified_by: record.modifiedBy,
  version: record.version,
  deleted: record.deletedAt !== null,
  data: record.deletedAt === null ? kind.fieldsWire(entered) : null,
});
