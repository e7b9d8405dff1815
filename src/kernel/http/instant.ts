import { ValidateBy } from 'class-validator';
import { isoText } from '../../platform/instant-text.js';

const ISO = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Parses an ISO 8601 text with an offset.
 * @returns undefined for any other text, and for an instant outside the years 1900 to 2199 (in UTC).
 */
export function parseInstant(text: string): Date | undefined {
  const parts = ISO.exec(text);
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number];
  const instant = new Date(text.replace(',', '.').toUpperCase());
  const isDay =
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  // Check the year in UTC and not the year in the text: instants are answered in UTC, and the answer must be valid input.
  const utcYear = instant.getUTCFullYear();
  return isDay && utcYear >= 1900 && utcYear < 2200 ? instant : undefined;
}

/** Converts an instant of a request to a Date. It returns any other value unchanged; `IsInstant` then refuses it. */
export const readInstant = (value: unknown): unknown =>
  typeof value === 'string' ? (parseInstant(value) ?? value) : value;

export const writeInstant = (value: unknown): string => isoText(value as Date);

/** Accepts the value if {@link readInstant} could read it. */
export const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) => value instanceof Date,
      defaultMessage: () =>
        '$property must be an ISO 8601 date and time with an offset, such as 2026-01-06T20:30:00Z',
    },
  });

export const IsDay = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDay',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' &&
        /^\d{4}-\d{2}-\d{2}$/.test(value) &&
        parseInstant(`${value}T00:00:00Z`) !== undefined,
      defaultMessage: () => '$property must be a calendar day, such as 2026-01-06',
    },
  });
