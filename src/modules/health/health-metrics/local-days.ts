import { DAY_MS, FARTHEST_ZONE_MS } from '../../../kernel/quantities/local-time.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { instantText } from '../../../platform/database/database.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';

/** Local days, both included. */
export interface LocalDays {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** @throws Problem `validation` for days that end before they begin */
export function checkDays({ from, to }: LocalDays): void {
  if (from !== undefined && to !== undefined && to < from)
    throw invalidField('to', 'out-of-range', 'to must not be before from');
}

/**
 * Readings of some local days, for a list that is sorted by the instants in `column`. The instants are bounded, too, so that the
 * index by instant finds them; the days themselves decide.
 * @param day the column of the local days
 */
export function onDays(column: string, { from, to }: LocalDays, day = 'local_date'): Condition {
  const earliest = from && instantText(new Date(Date.parse(from) - FARTHEST_ZONE_MS));
  const latest = to && instantText(new Date(Date.parse(to) + DAY_MS + FARTHEST_ZONE_MS));
  return conditions(
    [`${column} >= ?`, earliest],
    [`${column} < ?`, latest],
    // The sign keeps SQLite from an index of the days, which would have to be sorted: the instants have the order of the list.
    [`+${day} >= ?`, from],
    [`+${day} <= ?`, to],
  );
}
