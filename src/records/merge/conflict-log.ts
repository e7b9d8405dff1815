import { v5 as uuidv5 } from 'uuid';
import { canonical } from '../../kernel/canonical.js';
import type { RecordCatalog } from '../define/record-catalog.js';
import type { ChangeSet } from '../write/change-sequence.js';
import type { ConflictSideDto } from '../define/conflict.dto.js';
import type { Conflict } from '../define/conflict.js';
import { compareStamps } from './edit-stamp.js';
import type { MergedRecord } from './merged-record.js';
import type { Entered } from '../define/define-record.js';
import type { RecordEdit } from './record-edit.js';
import type { RecordKind } from '../define/record-kind.js';
import type { SyncedRecord } from '../define/synced-record.js';

export interface NotedConflict {
  readonly id: string;
  /** Whether a person should choose between the two sides. */
  readonly isOpen: boolean;
}

interface Entry {
  readonly kind: RecordKind;
  readonly recordId: string;
  readonly reason: 'concurrent-edit' | 'deleted' | 'gone';
  readonly baseVersion: number | undefined;
  readonly winner: ConflictSideDto | null;
  readonly loser: ConflictSideDto;
  readonly needsDecision: boolean;
}

/** Reads and writes conflicts. */
interface ConflictStore {
  load(kind: RecordKind, ids: readonly string[]): Promise<void>;
  find(kind: RecordKind, id: string): SyncedRecord | undefined;
  put(kind: RecordKind, record: SyncedRecord): void;
}

/**
 * Collects the conflicts of a transaction. The losing side of a merge is kept completely beside the winning side, whether or
 * not a person must decide, so that no entered value is lost.
 */
export class ConflictLog {
  private entries: (Entry & NotedConflict)[] = [];

  constructor(private readonly order: ChangeSet) {}

  mark(): number {
    return this.entries.length;
  }

  /** How many conflicts there are, when each that was noted again counts once. */
  get size(): number {
    return new Set(this.entries.map(({ id }) => id)).size;
  }

  reset(mark: number): void {
    this.entries = this.entries.slice(0, mark);
  }

  /** Records a change of a record that does not exist, or no longer exists. */
  gone(edit: RecordEdit): NotedConflict {
    return this.add({
      ...about(edit),
      reason: 'gone',
      winner: null,
      loser: sideOfEdit(edit, edit.entered),
      needsDecision: true,
    });
  }

  /** Records the values that lost in a merge, if any. */
  note(
    edit: RecordEdit,
    before: SyncedRecord,
    after: SyncedRecord,
    { merged, lost, replaced }: MergedRecord,
  ): NotedConflict | undefined {
    if (merged.contestedLife && merged.state.deleted) return this.noteDeletion(edit, before, after);
    const { kind, entered } = edit;
    const held = kind.entered(before);
    const losers: [ConflictSideDto, readonly string[], Entered, Entered][] = [
      [sideOfEdit(edit, kind.pick(entered, lost)), lost, held, entered],
      [sideOfGroups(kind, before, replaced), replaced, entered, held],
    ];
    const [noted] = losers
      .filter(([, groups]) => groups.length > 0)
      .map(([loser, , kept, gone]) =>
        this.add({
          ...about(edit),
          reason: 'concurrent-edit',
          winner: sideOfRecord(kind, after),
          loser,
          needsDecision: kind.definition.needsDecision({ ...held, ...kept }, { ...held, ...gone }),
        }),
      );
    return noted;
  }

  /** Writes the conflicts. A conflict's id is derived from its losing side, so a retry finds and skips a written one. */
  async settle(store: ConflictStore, catalog: RecordCatalog): Promise<void> {
    if (this.entries.length === 0) return;
    const kind = catalog.get(this.order.owner.type.conflicts);
    await store.load(
      kind,
      this.entries.map(({ id }) => id),
    );
    for (const entry of this.entries) {
      if (store.find(kind, entry.id)) continue;
      // Use the state that will be committed, because intermediate states were never visible.
      const held = entry.winner && store.find(entry.kind, entry.recordId);
      const winner = held ? sideOfRecord(entry.kind, held) : entry.winner;
      store.put(kind, this.recordOf(kind, { ...entry, winner }));
    }
    this.entries = [];
  }

  /** Records the change that lost against a deletion, or that a deletion removed without knowledge of it. */
  private noteDeletion(
    edit: RecordEdit,
    before: SyncedRecord,
    after: SyncedRecord,
  ): NotedConflict | undefined {
    const loser = edit.op === 'delete' ? sideOfRecord(edit.kind, before) : sideOfEdit(edit, edit.entered);
    const winner = sideOfRecord(edit.kind, after);
    return this.add({ ...about(edit), reason: 'deleted', winner, loser, needsDecision: true });
  }

  private add(entry: Entry): NotedConflict {
    const { kind, recordId, loser, needsDecision } = entry;
    const name = [
      kind.name,
      recordId,
      loser.modifiedBy,
      loser.modifiedAt.toISOString(),
      canonical(loser.data),
    ].join('\n');
    const noted = { id: uuidv5(name, this.order.owner.id), isOpen: needsDecision };
    this.entries.push({ ...entry, ...noted });
    return noted;
  }

  private recordOf(kind: RecordKind, entry: Entry & NotedConflict): Conflict {
    const { stamp, owner } = this.order;
    const { id, isOpen, reason, winner, loser } = entry;
    return {
      ...kind.ownedBy(owner.id),
      id,
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
      modifiedSeq: 0,
    };
  }
}

const about = ({ kind, id, baseVersion }: RecordEdit) => ({ kind, recordId: id, baseVersion });

const sideOfEdit = ({ kind, stamp, op }: RecordEdit, entered: Entered): ConflictSideDto => ({
  modifiedAt: new Date(stamp.time),
  modifiedBy: stamp.device,
  version: null,
  deleted: op === 'delete',
  data: op === 'delete' ? null : kind.fieldsWire(entered),
});

/** Groups of a record, by whoever set the newest of them. Those of a tombstone are shown, too, when they are what is lost. */
function sideOfGroups(kind: RecordKind, record: SyncedRecord, groups: readonly string[]): ConflictSideDto {
  const all = kind.stateOf(record).groups;
  const stamps = groups.flatMap((name) => all[name]?.stamp ?? []).toSorted(compareStamps);
  const { time, device } = stamps.at(-1) ?? { time: record.modifiedAt.getTime(), device: record.modifiedBy };
  return {
    modifiedAt: new Date(time),
    modifiedBy: device,
    version: record.version,
    deleted: false,
    data: kind.fieldsWire(kind.pick(kind.entered(record), groups)),
  };
}

const sideOfRecord = (kind: RecordKind, record: SyncedRecord): ConflictSideDto => ({
  modifiedAt: record.modifiedAt,
  modifiedBy: record.modifiedBy,
  version: record.version,
  deleted: record.deletedAt !== null,
  data: record.deletedAt === null ? kind.fieldsWire(kind.entered(record)) : null,
});
