import type { FieldError } from '../../kernel/http/problem.js';
import { DAY_MS } from '../../kernel/quantities/local-time.js';

/**
 * How far a measurement may be ahead of the service. A device that takes its local time for UTC is at most 14 hours ahead; more
 * is a wrong date. Such a reading would be the newest of its kind until that day comes.
 */
const MOST_AHEAD_MS = DAY_MS;

/**
 * Checks that a measurement is not of the future.
 * @param field the wire name of its instant
 * @param stored the instant that the record has already: it is kept, whatever the clock says now
 */
export function faultsOfFuture(
  field: string,
  instant: Date | null | undefined,
  stored: Date | null | undefined,
  now: Date,
): FieldError[] {
  if (!instant || instant.getTime() === stored?.getTime()) return [];
  if (instant.getTime() <= now.getTime() + MOST_AHEAD_MS) return [];
  return [
    {
      field,
      code: 'out-of-range',
      message: `${field} must be at most 24 hours after the time of the service`,
    },
  ];
}
