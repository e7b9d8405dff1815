import { setBounded } from '../../platform/bounded-map.js';

/** More time zones than the people of one instance use. Each format takes about 30 KB. */
const MAX_FORMATS = 256;

/** The formats by the lower-case name of the zone, because a client may write a zone in any letter case. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The calendar day of an instant in a time zone.
 * @param timeZone an IANA name, such as `Pacific/Auckland`.
 * @returns `YYYY-MM-DD`
 * @throws RangeError when the zone is unknown.
 */
export const localDay = (instant: Date, timeZone: string): string => formatOf(timeZone).format(instant);

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const name = timeZone.toLowerCase();
  const known = formats.get(name);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, ...PARTS });
  setBounded(formats, name, format, MAX_FORMATS);
  return format;
}

const PARTS = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
