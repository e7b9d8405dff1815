import type { DaySpan, Entered, RecordMove } from '../define/define-record.js';
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
export function changeOf(touched: Touched): RecordChange[] {
  const { record, before } = touched;
  const { id, version } = record;
  const after = livingVersion(record);
  if (after === before?.version) return [];
  const type = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated';
  return [{ id, version, type, ...placeOf(touched) }];
}

/** Where a record counts, before and after. */
function placeOf({ kind, record, before }: Touched): Pick<RecordChange, 'days' | 'parts'> {
  const { days: daysOf, source } = kind.definition;
  const sides = [before, whileLive(record)].filter((side) => side !== undefined);
  const part = source?.part;
  const parts = part ? sides.map((side) => String((side as unknown as Entered)[part])) : [];
  const spans = daysOf ? sides.map(daysOf) : [];
  return {
    days: spans.length === 0 ? null : spans.reduce(spanOfBoth),
    parts: [...new Set(parts)],
  };
}

/** The days from the first to the last of both. */
export const spanOfBoth = (a: DaySpan, b: DaySpan): DaySpan => [
  a[0] < b[0] ? a[0] : b[0],
  a[1] > b[1] ? a[1] : b[1],
];
