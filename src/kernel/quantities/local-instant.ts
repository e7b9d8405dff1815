import { Temporal } from 'temporal-polyfill';

/** The time of day that a clock in a time zone shows, with milliseconds. */
export const clockTime = (instant: Date, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainTime()
    .toString();

/**
 * The instant of a time of day. A time that the clock skips comes as much later as the clock is set forward; of a time that
 * occurs twice it is the first.
 * @param date `YYYY-MM-DD`
 * @param time `HH:MM`, or with seconds
 * @returns undefined where that is no time of the day, because the zone skipped the day
 */
export function instantAt(date: string, time: string, timeZone: string): Date | undefined {
  const placed = Temporal.PlainDate.from(date).toZonedDateTime({
    timeZone,
    plainTime: Temporal.PlainTime.from(time),
  });
  return placed.toPlainDate().toString() === date ? new Date(placed.epochMilliseconds) : undefined;
}
