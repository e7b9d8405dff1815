import { numberOf, memberOf, textOf } from './json-values.js';
import type { Moment } from './import-format.js';
import { readMoment } from './values.js';

/** A time as text in ISO 8601, or as milliseconds since 1970. Smaller numbers are seconds: they are not guessed. */
export function momentFrom(value: unknown): Moment | undefined {
  const number = numberOf(value);
  return number === undefined
    ? readMoment(textOf(value) ?? '', 'year-month-day')
    : readMoment(String(number), 'unix-milliseconds');
}

const MAX_OFFSET = 18 * 3_600;

/** Seconds by which the clock was ahead of UTC: as a number, as text such as `+01:00`, or as an object with `totalSeconds`. */
export function offsetFrom(value: unknown): number | undefined {
  const seconds = numberOf(value) ?? numberOf(memberOf(value, 'totalSeconds'));
  if (seconds !== undefined)
    return Number.isInteger(seconds) && Math.abs(seconds) <= MAX_OFFSET ? seconds : undefined;
  const text = textOf(value) ?? textOf(memberOf(value, 'id'));
  return text === 'Z' ? 0 : offsetOfText(text);
}

/** The offset with which a time is written. Undefined for UTC: that says nothing about the place. */
export function offsetOfText(text: string | undefined): number | undefined {
  const [, sign, hours, minutes] =
    /(?:^|T[\d:.]{1,30})([+-])(\d{2}):?(\d{2})$/.exec(text?.trim().slice(0, 64) ?? '') ?? [];
  if (sign === undefined) return undefined;
  const seconds = (Number(hours) * 60 + Number(minutes)) * 60;
  return seconds > MAX_OFFSET ? undefined : sign === '-' ? -seconds : seconds;
}
