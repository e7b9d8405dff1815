import { HaleError } from './problem.js';

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @throws HaleError `invalid` unless both are days, in this order, and at most so many with those between them */
export function checkDays(from: string, to: string, most: number): void {
  const length = isDay(from) && isDay(to) ? (Date.parse(to) - Date.parse(from)) / DAY_MS + 1 : NaN;
  if (!(length >= 1 && length <= most))
    throw new HaleError(
      'invalid',
      `from and to must be days such as 2026-01-06, and to must be 0 to ${most - 1} days after from`,
    );
}

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** Some engines take 31 February for a day of March. */
const isDay = (text: string): boolean =>
  DAY.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
