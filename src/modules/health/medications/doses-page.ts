import { addDays } from '../../../kernel/quantities/local-time.js';

interface OfDay {
  readonly localDate: string;
}

/** The last of some days until which there are not more than so many entries; undefined if the first day has more. */
export function lastDayWithin(
  entries: readonly OfDay[],
  [from, to]: readonly [string, string],
  most: number,
): string | undefined {
  const counts = new Map<string, number>();
  for (const { localDate } of entries) counts.set(localDate, (counts.get(localDate) ?? 0) + 1);
  let [sum, last] = [0, undefined as string | undefined];
  for (let day = from; day <= to; day = addDays(day, 1)) {
    sum += counts.get(day) ?? 0;
    if (sum > most) break;
    last = day;
  }
  return last;
}

export const until = <Entry extends OfDay>(entries: readonly Entry[], last: string): Entry[] =>
  entries.filter(({ localDate }) => localDate <= last);
