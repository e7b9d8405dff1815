import type { EditStamp } from './edit-stamp.js';
import type { Entered } from '../define/define-record.js';
import type { RecordKind } from '../define/record-kind.js';

/** One edit of a record. */
export interface RecordEdit {
  readonly kind: RecordKind;
  readonly id: string;
  readonly op: 'create' | 'update' | 'delete';
  /** The values of whole groups; empty for a deletion. */
  readonly entered: Entered;
  /** The values that a source sent, when `entered` has further ones of the stored record. */
  readonly sent?: Entered;
  readonly stamp: EditStamp;
  readonly baseVersion?: number | undefined;
  readonly isBlind?: boolean;
  /** True for an edit by REST. */
  readonly isOnline?: boolean;
}
