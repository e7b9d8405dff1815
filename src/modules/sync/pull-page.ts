import type { RecordKind } from '../../kernel/records/record-kind.js';
import type { SyncedRecord } from '../../kernel/records/synced-record.js';
import { type ChangeDto, changeWire } from './change.dto.js';

export interface Change {
  readonly kind: RecordKind;
  readonly record: SyncedRecord;
}

/** A page ends with the change that passes this size. */
const FULL_BYTES = 1_048_576;
/** Rows are read so many at first: nobody knows their size before, and memory must take them. */
const FIRST_ROWS = 100;

/** A page as it fills: of so many changes, and of about so many bytes. One change always fits. */
export class PullPage {
  readonly changes: ChangeDto[] = [];
  private bytes = 0;
  private last = 0n;

  constructor(private readonly limit: number) {}

  get isFull(): boolean {
    return this.changes.length >= this.limit || this.bytes >= FULL_BYTES;
  }

  /** The place of the last change in it. */
  get lastSeq(): bigint {
    return this.last;
  }

  /** How many rows to read next: what may fit, by those that came, and one more to see whether there are others. */
  get wanted(): number {
    const { length } = this.changes;
    const fitting = length === 0 ? FIRST_ROWS : Math.ceil((FULL_BYTES - this.bytes) / (this.bytes / length));
    return Math.min(this.limit - length, fitting) + 1;
  }

  /** @returns false when the page is full. */
  add({ kind, record }: Change): boolean {
    if (this.isFull) return false;
    const change = changeWire(kind, record);
    this.changes.push(change);
    this.bytes += Buffer.byteLength(JSON.stringify(change));
    this.last = record.seq;
    return true;
  }
}
