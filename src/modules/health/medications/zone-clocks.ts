import { localTime } from '../../../kernel/quantities/local-time.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import type { Clocks } from './dose-slots.js';

const MINUTE_MS = 60_000;
/** A local day begins at most 14 hours before, and ends at most 36 hours after its midnight in UTC. */
const BEFORE_MS = 14 * 3_600_000;
const AFTER_MS = 36 * 3_600_000;

/** How far a zone is ahead of UTC before and after a local day. They are equal on all days but those of a change. */
type Offsets = readonly [before: number, after: number];

/** The clocks of IANA time zones. The offsets of a day are looked up once, because a person takes several doses on it. */
export function zoneClocks(): Clocks {
  const known = new Map<string, Offsets>();
  return {
    dayOf: (instant, timeZone) => localDay(new Date(instant), timeZone),
    instantOf: (date, time, timeZone) => {
      const key = `${timeZone} ${date}`;
      const offsets = known.get(key) ?? offsetsOn(date, timeZone);
      known.set(key, offsets);
      return instantOf(date, time, timeZone, offsets);
    },
  };
}

function offsetsOn(date: string, timeZone: string): Offsets {
  const midnight = Date.parse(date);
  return [offsetAt(midnight - BEFORE_MS, timeZone), offsetAt(midnight + AFTER_MS, timeZone)];
}

const offsetAt = (instant: number, timeZone: string): number =>
  localTime(new Date(instant), timeZone).offsetMin * MINUTE_MS;

function instantOf(
  date: string,
  time: string,
  timeZone: string,
  [before, after]: Offsets,
): number | undefined {
  const wall = Date.parse(`${date}T${time}:00Z`);
  if (before === after) return wall - before;
  // Of a repeated hour, the first comes with the offset before the change.
  for (const offset of [before, after])
    if (offsetAt(wall - offset, timeZone) === offset) return wall - offset;
  return endOfGap(date, wall - after, wall - before, after, timeZone);
}

/** The first instant with the offset after the change. The change is between the two instants. */
function endOfGap(
  date: string,
  from: number,
  to: number,
  after: number,
  timeZone: string,
): number | undefined {
  let [early, late] = [from, to];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetAt(middle, timeZone) === after) late = middle;
    else early = middle;
  }
  const isOnDay = (instant: number) => localDay(new Date(instant), timeZone) === date;
  return isOnDay(late) || isOnDay(late - 1) ? late : undefined;
}
