import { isUUID } from 'class-validator';
import type { ChangeSet } from '../../kernel/records/change-sequence.js';
import { decide, editTime, type EditKey } from '../../kernel/records/last-write-wins.js';
import type { LocalId } from '../../kernel/records/local-id.entity.js';
import { itemHash } from '../../kernel/records/local-ids.js';
import { toKilograms } from '../../kernel/quantities/weight.js';
import {
  changedEntry,
  contentOf,
  createdEntry,
  currentEdit,
  rekeyedEntry,
  type WeightInput,
} from './weight-edit.js';
import type { WeightEntry } from './weight-entry.entity.js';

export const WEIGHT_KIND = 'weight';

/** One valid entry of a request. */
export interface PushItem {
  readonly localId: string;
  readonly serverId: string | undefined;
  /** Absent on a deletion without values. */
  readonly input: WeightInput | undefined;
  readonly deletes: boolean;
  /** When the person made the edit, as the device says. */
  readonly editedAt: Date | undefined;
  readonly baseVersion: number | undefined;
}

export type PushOutcome =
  | { readonly status: 'created' | 'updated' | 'deleted' | 'duplicate'; readonly entry: WeightEntry }
  | { readonly status: 'superseded'; readonly entry: WeightEntry }
  | { readonly status: 'nothing-to-delete' }
  | { readonly status: 'unknown-server-id' | 'taken-local-id' };

interface Origin {
  /** The device that sends, or empty when nothing names it. */
  readonly deviceId: string;
  readonly skewMs: number;
}

/** What the database holds of the items of one request. */
export interface PushedState {
  readonly entries: readonly WeightEntry[];
  readonly localIds: readonly LocalId[];
}

/**
 * Whether a device's own id can find its record. Without a device only an id that is unique by itself can; what
 * neither names is found by its measurement.
 */
export const hasLocalKey = (deviceId: string, localId: string): boolean => deviceId !== '' || isUUID(localId);

const measurementOf = (timestamp: Date, weightKg: number): string => `${timestamp.getTime()}|${weightKg}`;

/**
 * Applies one request's items in their order, in memory: the rows were read under the person's lock and are written
 * back in one statement each, so nothing can change in between.
 */
export class WeightPush {
  private readonly entries = new Map<string, WeightEntry>();
  private readonly byLocalId = new Map<string, LocalId>();
  private readonly byMeasurement = new Map<string, string>();
  private readonly createdIds = new Set<string>();
  private readonly touched = new Map<string, WeightEntry>();
  private readonly touchedLocalIds = new Map<string, LocalId>();

  constructor(
    private readonly changes: ChangeSet,
    private readonly origin: Origin,
    state: PushedState,
  ) {
    for (const entry of state.entries) this.know(entry);
    for (const localId of state.localIds) this.byLocalId.set(localId.localId, localId);
  }

  get created(): WeightEntry[] {
    return [...this.touched.values()].filter(({ id }) => this.createdIds.has(id));
  }

  get replaced(): WeightEntry[] {
    return [...this.touched.values()].filter(({ id }) => !this.createdIds.has(id));
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
    if (item.serverId !== undefined && !entry) return { status: 'unknown-server-id' };
    if (known && entry && entry.id !== known.recordId) return { status: 'taken-local-id' };
    // A retry is recognised by what was sent, whatever the clocks say and whatever others did since.
    if (entry && known?.lastHash === hash) return { status: 'duplicate', entry };
    const outcome = entry ? this.change(entry, item) : this.create(item);
    if ('entry' in outcome && outcome.status !== 'superseded') this.remember(item, outcome.entry.id, hash);
    return outcome;
  }

  private find(item: PushItem, known: LocalId | undefined): WeightEntry | undefined {
    const id = item.serverId ?? known?.recordId;
    if (id !== undefined) return this.entries.get(id);
    if (hasLocalKey(this.origin.deviceId, item.localId) || !item.input) return undefined;
    const { timestamp, weightValue, unit } = item.input;
    return this.entries.get(
      this.byMeasurement.get(measurementOf(timestamp, toKilograms(weightValue, unit))) ?? '',
    );
  }

  private create(item: PushItem): PushOutcome {
    if (item.deletes || !item.input) return { status: 'nothing-to-delete' };
    const entry = createdEntry(this.changes, undefined, item.input, this.keyOf(item, contentOf(item.input)));
    this.createdIds.add(entry.id);
    this.touch(entry);
    return { status: 'created', entry };
  }

  private change(entry: WeightEntry, item: PushItem): PushOutcome {
    // A deletion keeps the values: only then does a newer edit that comes later find the same record to revive.
    const input = item.deletes ? undefined : item.input;
    const key = this.keyOf(item, contentOf(input ?? entry));
    const verdict = decide(
      { key, ...(item.baseVersion === undefined ? {} : { baseVersion: item.baseVersion }) },
      currentEdit(entry),
    );
    if (verdict.status === 'superseded') return { status: 'superseded', entry };
    if (verdict.status === 'duplicate') {
      if (verdict.key === key) this.touch(rekeyedEntry(entry, key));
      return { status: 'duplicate', entry };
    }
    const changed = changedEntry(this.changes, entry, input, verdict.key);
    this.touch(changed);
    return { status: item.deletes ? 'deleted' : 'updated', entry: changed };
  }

  private keyOf({ editedAt, input, deletes }: PushItem, content: string): EditKey {
    const now = this.changes.stamp.getTime();
    const claimed = (editedAt ?? input?.timestamp)?.getTime() ?? now;
    return {
      time: editTime(claimed, now, this.origin.skewMs),
      counter: 0,
      deletes,
      device: this.origin.deviceId,
      content,
    };
  }

  private remember({ localId }: PushItem, recordId: string, lastHash: string): void {
    const { deviceId } = this.origin;
    if (!hasLocalKey(deviceId, localId)) return;
    const row: LocalId = {
      userId: this.changes.userId,
      kind: WEIGHT_KIND,
      deviceId,
      localId,
      recordId,
      lastHash,
    };
    this.byLocalId.set(localId, row);
    this.touchedLocalIds.set(localId, row);
  }

  private touch(entry: WeightEntry): void {
    this.know(entry);
    this.touched.set(entry.id, entry);
  }

  private know(entry: WeightEntry): void {
    this.entries.set(entry.id, entry);
    this.byMeasurement.set(measurementOf(entry.timestamp, entry.weightKg), entry.id);
  }
}
