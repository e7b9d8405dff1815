import type { RecordMove } from '../define/define-record.js';
import type { RecordKind } from '../define/record-kind.js';
import type { RecordChange } from '../define/records-changed.js';
import type { SyncedRecord } from '../define/synced-record.js';
import type { Life } from './record-counts.js';

/** A record that a transaction writes. */
export interface Touched {
  readonly kind: RecordKind;
  readonly record: SyncedRecord;
  readonly isNew: boolean;
  /** The record before this transaction; undefined when it was not live. */
  readonly before: SyncedRecord | undefined;
}

export const whileLive = (record: SyncedRecord): SyncedRecord | undefined =>
  record.deletedAt === null ? record : undefined;

export const livingVersion = (record: SyncedRecord): number | undefined => whileLive(record)?.version;

/** Whether a row is written with a visible difference. Without one it keeps what was derived from others. */
export const isMoved = ({ isNew, before, record }: Touched): boolean =>
  isNew || before?.version !== livingVersion(record);

/** Without what neither was live nor is live now. */
export const movesOf = (all: readonly Touched[]): RecordMove[] =>
  all
    .map(({ record, before }) => ({ before, after: whileLive(record) }))
    .filter(({ before, after }) => before !== undefined || after !== undefined);

export const lifeBefore = ({ isNew, before }: Touched): Life =>
  isNew ? undefined : before === undefined ? 'deleted' : 'live';

export const lifeAfter = ({ record }: Touched): Life => (record.deletedAt === null ? 'live' : 'deleted');

/** The change of a record for its event. Empty for an edit without a visible difference. */
export function changeOf({ record, before }: Touched): RecordChange[] {
  const { id, version } = record;
  const after = livingVersion(record);
  if (after === before?.version) return [];
  const type = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated';
  return [{ id, version, type }];
}
