import { parseInstant } from '../../../../kernel/http/instant.js';
import { digest } from '../../../../platform/random-token.js';
import { MANUAL } from '../../health-metrics/weight-readings.js';
import type { DateFormat, Decimal, Moment } from './import-format.js';

/* Numbers and times as they stand in files. Each function returns undefined for a text that it does not understand wholly. */

/** A longer text is no number and no time. The patterns below take long for long texts that only begin like one. */
const MAX_LENGTH = 64;

/** Groups of three digits are allowed in the way of the language, such as 1,234.5 or 1.234,5. */
const NUMBERS: Readonly<Record<Decimal, RegExp>> = {
  '.': /^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i,
  ',': /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d+)?(?:e[+-]?\d{1,3})?$/i,
};

export function readNumber(text: string, decimal: Decimal = '.'): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return undefined;
  if (!/\d/.test(trimmed) || !NUMBERS[decimal].test(trimmed)) return undefined;
  const plain = decimal === '.' ? trimmed.replaceAll(',', '') : trimmed.replaceAll('.', '').replace(',', '.');
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

const TIME = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?)?`;
const OFFSET = String.raw`\s*(Z|[+-]\d{2}:?\d{2})?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${TIME}${OFFSET}$`);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})${TIME}${OFFSET}$`);

/** A calendar day, a local time or an instant, as much as the text says. */
export function readMoment(text: string, format: DateFormat): Moment | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return undefined;
  if (format === 'unix-seconds' || format === 'unix-milliseconds') return readUnix(trimmed, format);
  const [, a = '', , b = '', c = '', ...rest] =
    (format === 'year-month-day' ? YEAR_FIRST : YEAR_LAST).exec(trimmed) ?? [];
  if (a === '') return undefined;
  const [year, month, day] =
    format === 'year-month-day' ? [a, b, c] : format === 'day-month-year' ? [c, b, a] : [c, a, b];
  const date = readDate(year, month, day);
  return date === undefined ? undefined : withTime(date, rest);
}

/** Milliseconds have twelve digits since 1973. With fewer they would be seconds, and become days of January 1970. */
const UNIX: Readonly<Record<'unix-seconds' | 'unix-milliseconds', RegExp>> = {
  'unix-seconds': /^\d{9,10}$/,
  'unix-milliseconds': /^[1-9]\d{11,13}$/,
};

function readUnix(text: string, format: keyof typeof UNIX): Moment | undefined {
  if (!UNIX[format].test(text)) return undefined;
  const at = new Date(Number(text) * (format === 'unix-seconds' ? 1_000 : 1));
  return Number.isNaN(at.getTime()) || at.getUTCFullYear() > 2199 ? undefined : { is: 'instant', at };
}

function readDate(year: string, month: string, day: string): string | undefined {
  const whole = year.length === 2 ? `${Number(year) < 70 ? '20' : '19'}${year}` : year;
  const text = `${whole}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${text}T12:00:00Z`);
  // A day that the calendar does not have would be the first of the next month.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text) return undefined;
  return Number(whole) >= 1900 && Number(whole) < 2200 ? text : undefined;
}

function withTime(date: string, parts: readonly (string | undefined)[]): Moment | undefined {
  const [hourText, minute = '00', second = '00', fraction = '', half, offset] = parts;
  if (hourText === undefined) return offset === undefined ? { is: 'day', text: date } : undefined;
  const hour = readHour(Number(hourText), half);
  if (hour === undefined || Number(minute) > 59 || Number(second) > 59) return undefined;
  const millis = fraction === '' ? '' : `.${fraction.slice(0, 3).padEnd(3, '0')}`;
  const text = `${date}T${String(hour).padStart(2, '0')}:${minute}:${second}${millis}`;
  if (offset === undefined) return { is: 'local', text };
  const colon = offset === 'Z' || offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  const at = parseInstant(`${text}${colon}`);
  return at && { is: 'instant', at };
}

function readHour(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour > 23 ? undefined : hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0);
}

/** A text without control characters, cut to what a field takes. Undefined for an empty one. */
export function readText(text: string | undefined, max: number): string | undefined {
  // A character is at most two units of a string.
  const start = text?.trim().slice(0, 2 * max);
  const clean = start?.replaceAll(/\p{Cc}/gu, ' ').trim();
  return clean ? [...clean].slice(0, max).join('') : undefined;
}

/** An id of a file. Of a long one a part remains with a hash of the whole, so that two ids are never the same. */
export function idFrom(text: string | undefined): string | undefined {
  const whole = text?.trim() ?? '';
  if (whole.length <= MAX_ID) return readText(whole, MAX_ID);
  return `${readText(whole, MAX_ID - 30) ?? ''}~${digest(whole).slice(0, 22)}`;
}

/** The ids of parts of a record are longer by a time. */
const MAX_ID = 150;

/** What a text of a file means, by a table. A name such as `constructor` is in none. */
export const lookUp = <Value>(
  table: Readonly<Record<string, Value>>,
  text: string | undefined,
): Value | undefined => (text !== undefined && Object.hasOwn(table, text) ? table[text] : undefined);

/**
 * A source is written in letters, digits and some marks. Undefined for a text without any, and for `manual`: that is what the
 * person entered here, and goes before all devices.
 */
export function sourceFrom(text: string | undefined): string | undefined {
  const name = (text ?? '')
    .slice(0, 200)
    .replaceAll(/[^\w.:-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
    .replace(/_+$/, '');
  return name === '' || name.toLowerCase() === MANUAL ? undefined : name;
}
