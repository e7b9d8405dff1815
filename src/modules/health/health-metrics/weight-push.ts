import { v7 as uuidv7 } from 'uuid';
import { canonical } from '../../../kernel/canonical.js';
import type { FieldError } from '../../../kernel/http/problem.js';
import type { LocalId } from '../../../records/define/person/local-id.entity.js';
import { itemHash } from '../../../records/write/local-ids.js';
import { editTime } from '../../../records/merge/merge.js';
import type { RecordChanges } from '../../../records/merge/record-changes.js';
import type { RecordEdit } from '../../../records/merge/record-edit.js';
import type { RecordKind } from '../../../records/define/record-kind.js';
import { toKilograms } from '../../../kernel/quantities/weight.js';
import { keeperOf, type SyncOrigin } from './sync-origin.js';
import { MANUAL } from './weight-readings.js';
import type { WeightEntry } from './weight-entry.entity.js';
import type { WeightFieldsDto } from './weight.dto.js';

/** What FR-026 knows of a weight. */
type Weighing = Pick<WeightFieldsDto, 'weightValue' | 'unit' | 'timestamp'>;

/** One valid entry of a request. */
export interface PushItem {
  readonly localId: string;
  readonly serverId: string | undefined;
  /** Absent for a deletion without values. */
  readonly input: Weighing | undefined;
  readonly deletes: boolean;
  /** When the person made the edit, by the device's clock. */
  readonly editedAt: Date | undefined;
  readonly baseVersion: number | undefined;
}

export type PushOutcome =
  | { readonly status: 'created' | 'updated' | 'deleted' | 'duplicate'; readonly entry: WeightEntry }
  | { readonly status: 'superseded'; readonly entry: WeightEntry; readonly conflictId: string | undefined }
  /** A retry of an entry that was stored and deleted, and whose tombstone was purged. */
  | { readonly status: 'purged-duplicate'; readonly serverId: string }
  | { readonly status: 'nothing-to-delete' }
  /** There is no room for a new entry. */
  | { readonly status: 'quota-exceeded'; readonly reason: string }
  /** A rule that depends on what is stored, or on the time. */
  | { readonly status: 'refused'; readonly error: FieldError }
  | { readonly status: 'unknown-server-id' | 'taken-local-id' | 'purged-local-id' };

interface Origin extends Pick<SyncOrigin, 'deviceId' | 'isNamed'> {
  readonly skewMs: number;
}

/** The stored data of the items of one request. */
export interface PushedState {
  readonly entries: readonly WeightEntry[];
  readonly localIds: readonly LocalId[];
}

/**
 * Whether an item whose `local_id` is unknown may be an entry that was sent before under another session. A device that names
 * itself keeps its ids, so only its `local_id` counts; otherwise an entry with the same measurement is the same.
 */
export const isFoundByMeasurement = (
  origin: Pick<SyncOrigin, 'deviceId' | 'isNamed'>,
  localId: string,
): boolean => !origin.isNamed && keeperOf(origin, localId) !== '';

const measurementOf = (timestamp: Date, weightKg: number): string => `${timestamp.getTime()}|${weightKg}`;

/**
 * The items of one request, in order. Finds the record of each item and whether the item was sent before; the merge of all
 * edits decides the result.
 */
export class WeightPush {
  private readonly byLocalId = new Map<string, LocalId>();
  private readonly byMeasurement = new Map<string, Map<string, WeightEntry>>();
  private readonly touchedLocalIds = new Map<string, LocalId>();

  constructor(
    private readonly kind: RecordKind,
    private readonly changes: RecordChanges,
    private readonly origin: Origin,
    state: PushedState,
  ) {
    changes.know(kind, state.entries);
    for (const entry of state.entries) this.noteMeasurement(entry);
    for (const localId of state.localIds) this.byLocalId.set(localId.localId, localId);
  }

  get localIds(): LocalId[] {
    return [...this.touchedLocalIds.values()];
  }

  apply(item: PushItem): PushOutcome {
    const known = this.byLocalId.get(item.localId);
    const hash = itemHash([
      item.input && contentOf(item.input),
      item.deletes,
      item.editedAt?.getTime() ?? null,
    ]);
    const entry = this.find(item, known);
    if (known && !entry) return this.ofPurged(item, known, hash);
    if (item.serverId !== undefined && !entry) return { status: 'unknown-server-id' };
    if (known && entry && entry.id !== known.recordId) return { status: 'taken-local-id' };
    // A retry is recognised by its content, whatever the clocks are and whatever others changed since.
    if (entry && known?.lastHash === hash) return { status: 'duplicate', entry };
    const outcome = this.edit(item, entry);
    if ('entry' in outcome && outcome.status !== 'superseded') this.remember(item, outcome.entry.id, hash);
    return outcome;
  }

  /** An id belongs to its entry permanently: no new entry is created for the id of one that was purged. */
  private ofPurged(
    { serverId, deletes }: PushItem,
    { recordId, lastHash }: LocalId,
    hash: string,
  ): PushOutcome {
    if (serverId !== undefined && serverId !== recordId) return { status: 'unknown-server-id' };
    if (lastHash === hash) return { status: 'purged-duplicate', serverId: recordId };
    return { status: deletes ? 'nothing-to-delete' : 'purged-local-id' };
  }

  private find(item: PushItem, known: LocalId | undefined): WeightEntry | undefined {
    const id = item.serverId ?? known?.recordId ?? this.idOfMeasurement(item);
    return id === undefined ? undefined : (this.changes.find(this.kind, id) as WeightEntry | undefined);
  }

  private idOfMeasurement({ localId, input }: PushItem): string | undefined {
    if (!isFoundByMeasurement(this.origin, localId) || !input) return undefined;
    const measurement = measurementOf(input.timestamp, toKilograms(input.weightValue, input.unit));
    const entries = [...(this.byMeasurement.get(measurement)?.values() ?? [])];
    return entries.toSorted((a, b) => rankOf(a) - rankOf(b)).at(-1)?.id;
  }

  private edit(item: PushItem, entry: WeightEntry | undefined): PushOutcome {
    const { deletes, baseVersion } = item;
    const input = deletes ? undefined : item.input;
    if (!entry && !input) return { status: 'nothing-to-delete' };
    const edit: RecordEdit = {
      kind: this.kind,
      id: entry?.id ?? uuidv7(),
      op: deletes ? 'delete' : 'create',
      entered: { ...input },
      stamp: { time: this.timeOf(item), counter: 0, device: this.origin.deviceId, deviceSeq: 0 },
      baseVersion,
      isBlind: baseVersion === undefined,
    };
    const shortage = this.changes.shortageFor(edit);
    if (shortage) return { status: 'quota-exceeded', reason: shortage.reason };
    const [error] = this.changes.faultsOf(edit);
    if (error) return { status: 'refused', error };
    const { record, status, isNew, conflict } = this.changes.apply(edit);
    const after = record as WeightEntry;
    this.noteMeasurement(after);
    if (status === 'superseded') return { status, entry: after, conflictId: conflict?.id };
    if (status === 'duplicate') return { status, entry: after };
    return { status: isNew ? 'created' : deletes ? 'deleted' : 'updated', entry: after };
  }

  private timeOf({ editedAt, input }: PushItem): number {
    const now = this.changes.order.stamp.getTime();
    return editTime((editedAt ?? input?.timestamp)?.getTime() ?? now, now, this.origin.skewMs);
  }

  private remember({ localId }: PushItem, recordId: string, lastHash: string): void {
    const deviceId = keeperOf(this.origin, localId);
    const { id: userId } = this.changes.order.owner;
    const row: LocalId = { userId, kind: this.kind.name, deviceId, localId, recordId, lastHash };
    this.byLocalId.set(localId, row);
    this.touchedLocalIds.set(localId, row);
  }

  private noteMeasurement(entry: WeightEntry): void {
    const measurement = measurementOf(entry.timestamp, entry.weightKg);
    const entries = this.byMeasurement.get(measurement) ?? new Map<string, WeightEntry>();
    this.byMeasurement.set(measurement, entries.set(entry.id, entry));
  }
}

/** Of several entries with one measurement, the one that the person entered is meant: a scale may have sent it, too. */
const rankOf = ({ deletedAt, source }: WeightEntry): number =>
  deletedAt !== null ? 0 : source === MANUAL ? 2 : 1;

const contentOf = ({ weightValue, unit, timestamp }: Weighing): string =>
  canonical([weightValue, unit, timestamp]);
