import { localTime } from './local-time.js';

/**
 * The calendar day of an instant in a time zone.
 * @param timeZone an IANA name, such as `Pacific/Auckland`.
 * @returns `YYYY-MM-DD`
 * @throws RangeError when the zone is unknown.
 */
export const localDay = (instant: Date, timeZone: string): string => localTime(instant, timeZone).date;
