import { setBounded } from '../../platform/bounded-map.js';

/** More zones than people of one instance live in; each takes some 30 KB. */
const MAX_FORMATS = 256;

/** By the name in lower case: a zone may be spelt in any. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The calendar day of an instant where a person was.
 * @param timeZone an IANA name, such as `Pacific/Auckland`.
 * @returns `YYYY-MM-DD`
 * @throws RangeError for a zone nobody knows.
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
