import { HaleError } from './problem.js';
import { isInstant, type KindDefinition } from './rules.js';
import type { Fields } from './wire.js';

/** Which records of a kind, and in which order. */
export interface Query<Name extends string = string> {
  /** The field of the range and the order; by default the field that says when it happened. */
  readonly by?: Name;
  /** The least value, which is included. */
  readonly from?: Bound;
  /** The end of the range, which is not included. */
  readonly to?: Bound;
  readonly order?: 'asc' | 'desc';
  readonly limit?: number;
}

/** A date or a text with date, time and offset for an instant; otherwise a value as the field has it. */
export type Bound = Date | string | number;

interface Found {
  readonly id: string;
  readonly fields: Fields;
}

/**
 * The records of the range in the order of the field; at equal values in the order of their ids. A record without a value is in no
 * range, and comes last.
 * @throws HaleError `invalid`
 */
export function select<T extends Found>(
  { kind, time, fields }: KindDefinition,
  found: readonly T[],
  query: Query,
): T[] {
  const { from, to, order = 'asc', limit } = query;
  const by = query.by ?? time;
  if (by === undefined) throw new HaleError('invalid', `a query of ${kind} must name a field with "by"`);
  const isTime = fields.properties?.[by]?.format === 'date-time';
  const bound = (name: string, value: Bound | undefined): Bound | undefined => {
    const isRight = !isTime || value instanceof Date || (typeof value === 'string' && isInstant(value));
    if (value !== undefined && !isRight)
      throw new HaleError('invalid', `${name} must be a Date, or a text like 2026-01-06T20:30:00Z`);
    return value;
  };
  const [low, high] = [keyOf(bound('from', from), isTime), keyOf(bound('to', to), isTime)];
  const keyed = found.map((item) => ({ item, key: keyOf(item.fields[by], isTime) }));
  const inRange = keyed.filter(({ key }) => isWithin(key, low, high));
  const sign = order === 'asc' ? 1 : -1;
  const sorted = inRange.toSorted(
    (a, b) => compareKeys(a.key, b.key, sign) || sign * (a.item.id < b.item.id ? -1 : 1),
  );
  return sorted.slice(0, limit ?? sorted.length).map(({ item }) => item);
}

type Key = string | number | undefined;

const keyOf = (value: unknown, isTime: boolean): Key => {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string') return isTime ? Date.parse(value) : value;
  return typeof value === 'number' ? value : undefined;
};

function isWithin(key: Key, from: Key, to: Key): boolean {
  if (from === undefined && to === undefined) return true;
  if (key === undefined) return false;
  return (from === undefined || key >= from) && (to === undefined || key < to);
}

function compareKeys(a: Key, b: Key, sign: number): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return sign * (a < b ? -1 : 1);
}
