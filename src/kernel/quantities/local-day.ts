const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The calendar day of an instant where a person was.
 * @param timeZone an IANA name, such as `Pacific/Auckland`.
 * @returns `YYYY-MM-DD`
 * @throws RangeError for a zone nobody knows.
 */
export function localDay(instant: Date, timeZone: string): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, ...PARTS });
  formats.set(timeZone, format);
  return format.format(instant);
}

const PARTS = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
