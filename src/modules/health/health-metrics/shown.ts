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

/** The minute of an instant since 1970. It is stored, because databases find rows of a table by those of another only by equality. */
export const minuteOf = (instant: Date): number => Math.floor(instant.getTime() / 60_000);

/** Whether a row of `health_metrics` is not shown. An index on (owner, metric, deletedAt, minute, source) finds what is shown for it. */
export function isHidden({ order, additive }: ShownRules): Condition {
  const [own, rival] = [rankOf('health_metrics', order), rankOf('rival', order)];
  const kinds = additive.length === 0 ? '' : ` AND metric NOT IN (${additive.map(() => '?').join(', ')})`;
  return [`(${RIVAL} AND ${rival} < ${own}))${kinds}`, [...order, ...order, ...additive]];
}

const RIVAL = `EXISTS (SELECT 1 FROM health_metrics AS rival WHERE rival.user_id = health_metrics.user_id
  AND rival.metric = health_metrics.metric AND rival.deleted_at IS NULL
  AND rival.measured_minute = health_metrics.measured_minute AND rival.source <> health_metrics.source`;

/** A row value that sorts sources as `bySource` in `roll-up.ts` does. */
function rankOf(table: string, order: readonly string[]): string {
  const named = order.map((_, place) => ` WHEN ? THEN ${place}`).join('');
  const rank = `CASE ${table}.source${named} WHEN '${MANUAL}' THEN ${order.length} ELSE ${order.length + 1} END`;
  return `(${rank}, ${table}.source)`;
}

/** The condition that a row is shown. */
export function areShown(rules: ShownRules): Condition {
  const [hidden, values]: readonly [string, readonly SqlValue[]] = isHidden(rules);
  return [` AND NOT (${hidden})`, values];
}
