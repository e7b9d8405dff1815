import type { Change } from '../../../records/read/change-feed.js';
import { type ChangeDto, changeOf } from './change.dto.js';

/** A page ends with the change that exceeds this size. */
const FULL_BYTES = 1_048_576;
/** The size of a change without its data: about the same for all, because no member of it is free text. */
const FRAME_BYTES = 248;
/** Rows of the first read. Their size is not known yet, and all of them must fit into memory. */
const FIRST_ROWS = 100;
/** Rows of any other read. More would keep the process from serving others for too long. */
const MOST_ROWS = 400;

/** A page that is being filled, limited by the number of changes and their approximate bytes. One change always fits. */
export class PullPage {
  readonly changes: ChangeDto[] = [];
  private measured = 0;
  /** Changes that cannot be large. They are measured only if the page might be full. */
  private unmeasured: ChangeDto[] = [];
  /** What they do not exceed together. */
  private most = 0;
  private last = 0;

  constructor(private readonly limit: number) {}

  get isFull(): boolean {
    return this.changes.length >= this.limit || this.bytes >= FULL_BYTES;
  }

  private get bytes(): number {
    return this.measured + this.most;
  }

  /** The `seq` of the last change in the page. */
  get lastSeq(): number {
    return this.last;
  }

  /** How many rows to read next: an estimate of what fits, plus one to see whether there are more. */
  get wanted(): number {
    const { length } = this.changes;
    const fitting = length === 0 ? FIRST_ROWS : Math.ceil((FULL_BYTES - this.bytes) / (this.bytes / length));
    return Math.min(this.limit - length, fitting, MOST_ROWS) + 1;
  }

  /** @returns false when the page is full. */
  add({ kind, record }: Change): boolean {
    if (this.isFull) return false;
    const change = changeOf(kind, record);
    this.changes.push(change);
    this.count(change, kind.mostBytes);
    this.last = record.seq;
    return true;
  }

  private count(change: ChangeDto, most: number | undefined): void {
    if (most === undefined) this.measured += bytesOf(change);
    else {
      this.unmeasured.push(change);
      this.most += most;
    }
    if (this.bytes < FULL_BYTES) return;
    for (const small of this.unmeasured) this.measured += bytesOf(small);
    this.unmeasured = [];
    this.most = 0;
  }
}

const bytesOf = ({ data }: ChangeDto): number =>
  FRAME_BYTES + (data ? Buffer.byteLength(JSON.stringify(data)) : 0);
