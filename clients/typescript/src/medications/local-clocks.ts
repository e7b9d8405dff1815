// Copied by `npm run generate` from src/modules/health/medications/local-clocks.ts: change it there.
import type { Clocks } from './dose-slots.js';

/* When a clock shows a local time, by what it shows at an instant. Only types are imported. */

/** What the clock of a zone shows at an instant: the day, and how far it is ahead of UTC. */
export type ReadClock = (instant: number, timeZone: string) => { date: string; offsetMin: number };

const MINUTE_MS = 60_000;
/** A local day begins at most 14 hours before, and ends at most 36 hours after its midnight in UTC. */
const BEFORE_MS = 14 * 3_600_000;
const AFTER_MS = 36 * 3_600_000;

/** How far a zone is ahead of UTC before and after a local day. They are equal on all days but those of a change. */
type Offsets = readonly [before: number, after: number];

/** The clocks that `read` reads. The offsets of a day are looked up once, because a person takes several doses on it. */
export function clocksBy(read: ReadClock): Clocks {
  const known = new Map<string, Offsets>();
  return {
    dayOf: (instant, timeZone) => read(instant, timeZone).date,
    instantOf: (date, time, timeZone) => {
      const own: Clock = (instant) => {
        const { date: day, offsetMin } = read(instant, timeZone);
        return { date: day, offset: offsetMin * MINUTE_MS };
      };
      const key = `${timeZone} ${date}`;
      const offsets = known.get(key) ?? offsetsOn(date, own);
      known.set(key, offsets);
      return instantOf(date, time, own, offsets);
    },
  };
}

/** The clock of one zone. */
type Clock = (instant: number) => { readonly date: string; readonly offset: number };

function offsetsOn(date: string, clock: Clock): Offsets {
  const midnight = Date.parse(date);
  return [clock(midnight - BEFORE_MS).offset, clock(midnight + AFTER_MS).offset];
}

function instantOf(date: string, time: string, clock: Clock, [before, after]: Offsets): number | undefined {
  const wall = Date.parse(`${date}T${time}:00Z`);
  if (before === after) return wall - before;
  // Of a repeated hour, the first comes with the offset before the change.
  for (const offset of [before, after]) if (clock(wall - offset).offset === offset) return wall - offset;
  return endOfGap(date, [wall - after, wall - before], clock, after);
}

/** The first instant with the offset after the change. The change is between the two instants. */
function endOfGap(
  date: string,
  [from, to]: readonly [number, number],
  clock: Clock,
  after: number,
): number | undefined {
  let [early, late] = [from, to];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (clock(middle).offset === after) late = middle;
    else early = middle;
  }
  const isOnDay = (instant: number) => clock(instant).date === date;
  return isOnDay(late) || isOnDay(late - 1) ? late : undefined;
}
