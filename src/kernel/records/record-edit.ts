import type { EditStamp } from './merge.js';
import type { Entered } from './record.js';
import type { RecordKind } from './record-kind.js';

/** What somebody did to a record. */
export interface RecordEdit {
  readonly kind: RecordKind;
  readonly id: string;
  readonly op: 'create' | 'update' | 'delete';
  /** Whole groups; nothing for a deletion. */
  readonly entered: Entered;
  readonly stamp: EditStamp;
  readonly baseVersion?: number | undefined;
  readonly isBlind?: boolean;
}
