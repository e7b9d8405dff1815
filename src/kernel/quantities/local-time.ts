import { setBounded } from '../../platform/bounded-map.js';

/** An instant as a clock at its place shows it. */
export interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 0 to 23. The hour that is repeated when summer time ends is one hour here. */
  readonly hour: number;
  /** Minutes ahead of UTC, rounded: before time zones, a town's own time had seconds. */
  readonly offsetMin: number;
}

/** More time zones than the people of one instance use. Each format takes about 30 KB. */
const MAX_FORMATS = 256;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The local time of an instant in an IANA time zone. @throws RangeError when the zone is unknown */
export function localTime(instant: Date, timeZone: string): LocalTime {
  const text = formatOf(timeZone).format(instant);
  const local = Date.parse(`${text.replace(' ', 'T')}Z`);
  return {
    date: text.slice(0, 10),
    hour: Number(text.slice(11, 13)),
    offsetMin: Math.round((local - Math.floor(instant.getTime() / 1000) * 1000) / 60_000),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const name = timeZone.toLowerCase();
  const known = formats.get(name);
  if (known) return known;
  // Swedish writes a date and a time as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  setBounded(formats, name, format, MAX_FORMATS);
  return format;
}

/** The first instant of a local day, or of the next one where a zone skipped the day. */
export function startOfDay(date: string, timeZone: string): Date {
  const utc = Date.parse(date);
  let [before, after] = [utc - FARTHEST_ZONE_MS, utc + FARTHEST_ZONE_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localTime(new Date(middle), timeZone).date < date) before = middle;
    else after = middle;
  }
  return new Date(after);
}

/** More than any zone is, or was, away from UTC. */
export const FARTHEST_ZONE_MS = 16 * 3_600_000;
export const DAY_MS = 86_400_000;

/** The calendar day some days later. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
