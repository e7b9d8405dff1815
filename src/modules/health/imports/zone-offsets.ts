import { Temporal } from 'temporal-polyfill';

/** The places that have, or once had, an offset of so many hours that are not whole, which no `Etc/GMT` zone has. */
const PLACES: ReadonlyMap<number, readonly string[]> = new Map([
  [-9.5, ['Pacific/Marquesas']],
  [-4.5, ['America/Caracas']],
  [-3.5, ['America/St_Johns']],
  [-2.5, ['America/St_Johns']],
  [3.5, ['Asia/Tehran']],
  [4.5, ['Asia/Kabul', 'Asia/Tehran']],
  [5.5, ['Asia/Kolkata']],
  [5.75, ['Asia/Kathmandu']],
  [6.5, ['Asia/Yangon']],
  [8.5, ['Asia/Pyongyang']],
  [8.75, ['Australia/Eucla']],
  [9.5, ['Australia/Darwin', 'Australia/Adelaide']],
  [9.75, ['Australia/Eucla']],
  [10.5, ['Australia/Adelaide', 'Australia/Lord_Howe']],
  [11.5, ['Pacific/Norfolk']],
  [12.75, ['Pacific/Chatham']],
  [13.75, ['Pacific/Chatham']],
]);

/**
 * A time zone whose clocks showed this offset then, in seconds: the zone that is wanted, if it did, else one that has the same
 * local time. Undefined where there is none.
 */
export function zoneWithOffset(at: Date, offset: number, wanted: string): string | undefined {
  if (offsetIn(at, wanted) === offset) return wanted;
  const hours = offset / 3_600;
  if (Number.isInteger(hours) && hours >= -12 && hours <= 14)
    // The sign of these names is the other way round.
    return hours === 0 ? 'Etc/UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
  return PLACES.get(hours)?.find((place) => offsetIn(at, place) === offset);
}

const offsetIn = (at: Date, timeZone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e9;
