import { Temporal } from 'temporal-polyfill';
import type { ImportItem, Moment } from './formats/import-format.js';
import { zoneWithOffset } from './zone-offsets.js';

/** When an item was, in the world and in its file. */
export interface PlacedTime {
  readonly start: Date;
  readonly end: Date | undefined;
  readonly timeZone: string;
  /** The period as the file says it. It stays the same when the file is imported again with another zone. */
  readonly key: string;
}

/** Local times that occurred twice are near each other in a file. */
const REMEMBERED = 500;

/** Finds the instants of a file's times. A time without a zone is a time in the zone of the import. */
export class PlacedTimes {
  private readonly recent = new Set<string>();

  constructor(private readonly timeZone: string) {}

  /**
   * @param series items of one series have each local time once, or twice when the clock is set back.
   * @returns undefined where no zone had the offset of the item
   */
  place({ start, end, lastsMs, offset, ...item }: ImportItem, series: string): PlacedTime | undefined {
    // A night belongs to the day of its end, a reading to that of its start.
    const moment = item.is === 'sleep' ? (end ?? start) : start;
    const timeZone =
      item.timeZone ??
      (offset === undefined || moment.is !== 'instant'
        ? this.timeZone
        : zoneWithOffset(moment.at, offset, this.timeZone));
    if (timeZone === undefined) return undefined;
    const key = `${textOf(start)}/${end ? textOf(end) : ''}`;
    const isAgain = start.is === 'local' && this.wasSeen(`${series} ${key}`);
    const first = instantOf(start, timeZone, end ? 'start' : 'noon');
    const later = isAgain ? instantOf(start, timeZone, 'start', 'later') : first;
    const isSecond = later.getTime() !== first.getTime();
    return {
      start: later,
      end: end
        ? endOf(end, timeZone)
        : lastsMs === undefined
          ? undefined
          : new Date(later.getTime() + lastsMs),
      timeZone,
      key: isSecond ? `${key}#2` : key,
    };
  }

  private wasSeen(text: string): boolean {
    if (this.recent.has(text)) return true;
    this.recent.add(text);
    if (this.recent.size > REMEMBERED)
      for (const oldest of this.recent) {
        this.recent.delete(oldest);
        break;
      }
    return false;
  }
}

const textOf = (moment: Moment): string => (moment.is === 'instant' ? moment.at.toISOString() : moment.text);

/** A day begins at its first moment in the zone. What was measured once on a day is placed at noon, far from other days. */
export function instantOf(
  moment: Moment,
  timeZone: string,
  ofDay: 'start' | 'noon',
  disambiguation: 'compatible' | 'later' = 'compatible',
): Date {
  if (moment.is === 'instant') return moment.at;
  if (moment.is === 'local')
    return new Date(
      Temporal.PlainDateTime.from(moment.text).toZonedDateTime(timeZone, { disambiguation })
        .epochMilliseconds,
    );
  const day = Temporal.PlainDate.from(moment.text);
  const zoned =
    ofDay === 'start'
      ? day.toZonedDateTime(timeZone)
      : day.toPlainDateTime('12:00').toZonedDateTime(timeZone);
  return new Date(zoned.epochMilliseconds);
}

/** The end of a day is the beginning of the next one. */
function endOf(end: Moment, timeZone: string): Date {
  if (end.is !== 'day') return instantOf(end, timeZone, 'start');
  const next = Temporal.PlainDate.from(end.text).add({ days: 1 });
  return new Date(next.toZonedDateTime(timeZone).epochMilliseconds);
}
