import type { SqlRow } from '../../../platform/database/statements.js';
import { addDays, DAY_MS } from '../../../kernel/quantities/local-time.js';
import { metricKindOf } from './metric-kinds.js';
import { DAYS_AROUND } from './reading-rules.js';

/* The days whose readings may have something in common, so that they are merged. SQL sums all other days. */

/**
 * What says that readings of a day may have something in common: a mark, or, of a kind that is measured at instants, more than one
 * source.
 */
export const sharedBy = (metric: string | undefined): string =>
  metricKindOf(metric ?? '')?.shape === 'interval'
    ? 'SUM(overlaps) AS overlapping'
    : 'SUM(overlaps) AS overlapping, MIN(source) AS first_source, MAX(source) AS last_source';

/** The days of which, together with the days around, several sources have readings. Two places have one minute on different days. */
export function daysOfSeveral(rows: readonly SqlRow[]): string[] {
  const sources = new Map<string, Set<string>>();
  for (const { local_date: day, first_source: first, last_source: last } of rows)
    if (first !== undefined) {
      const own = sources.get(String(day)) ?? new Set();
      sources.set(String(day), own.add(String(first)).add(String(last)));
    }
  const isOfSeveral = (day: string): boolean =>
    new Set(daysAround(day).flatMap((one) => [...(sources.get(one) ?? [])])).size > 1;
  return [...sources.keys()].filter(isOfSeveral);
}

export const daysAround = (day: string): string[] =>
  Array.from({ length: 2 * DAYS_AROUND + 1 }, (_, index) => addDays(day, index - DAYS_AROUND));

/** The first and the last day of each stretch of consecutive days. */
export function stretchesOf(days: readonly string[]): [first: string, last: string][] {
  const stretches: [string, string][] = [];
  for (const day of days) {
    const stretch = stretches.at(-1);
    if (stretch && Date.parse(day) - Date.parse(stretch[1]) === DAY_MS) stretch[1] = day;
    else stretches.push([day, day]);
  }
  return stretches;
}
