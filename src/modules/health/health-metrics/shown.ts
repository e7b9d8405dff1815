import type { SqlValue } from '../../../platform/database/statements.js';
import type { Condition } from '../../../records/read/conditions.js';
import { MANUAL } from './weight-readings.js';

/*
 * Which of several readings of one kind and one minute are shown: those of the source that comes first in the person's order. All
 * are kept. The minute is one of UTC, which is one of every local time, too.
 */

/** How the readings of a person are chosen. */
export interface ShownRules {
  /** The person's order of sources. */
  readonly order: readonly string[];
  /** The kinds that are added up: all their readings are shown, because each counts for its own time. */
  readonly additive: readonly string[];
}

/** A table of readings. That of weights has no column for the kind. */
export type ReadingTable = 'health_metrics' | 'weight_entries';

/** The minute of an instant since 1970. It is stored, because databases find rows of a table by those of another only by equality. */
export const minuteOf = (instant: Date): number => Math.floor(instant.getTime() / 60_000);

/** Whether a row is not shown. An index on (owner, kind, deletedAt, minute, source) finds what is shown for it. */
export function isHidden({ order, additive }: ShownRules, table: ReadingTable): Condition {
  const [own, rival] = [rankOf(table, order), rankOf('rival', order)];
  const hidden = `(${rivalIn(table)} AND ${rival} < ${own}))`;
  if (table === 'weight_entries' || additive.length === 0) return [hidden, [...order, ...order]];
  const others = ` AND metric NOT IN (${additive.map(() => '?').join(', ')})`;
  return [hidden + others, [...order, ...order, ...additive]];
}

const rivalIn = (table: ReadingTable): string =>
  `EXISTS (SELECT 1 FROM ${table} AS rival WHERE rival.user_id = ${table}.user_id
  ${table === 'weight_entries' ? '' : `AND rival.metric = ${table}.metric `}AND rival.deleted_at IS NULL
  AND rival.measured_minute = ${table}.measured_minute AND rival.source <> ${table}.source`;

/** A row value that sorts sources as `bySource` in `reading-merge.ts` does. */
function rankOf(table: string, order: readonly string[]): string {
  const named = order.map((_, place) => ` WHEN ? THEN ${place}`).join('');
  const rank = `CASE ${table}.source${named} WHEN '${MANUAL}' THEN ${order.length} ELSE ${order.length + 1} END`;
  return `(${rank}, ${table}.source)`;
}

/** The condition that a row is shown. */
export function areShown(rules: ShownRules, table: ReadingTable): Condition {
  const [hidden, values]: readonly [string, readonly SqlValue[]] = isHidden(rules, table);
  return [` AND NOT (${hidden})`, values];
}
