/*
 * The periods of a goal, what they are worth, and streaks. Pure functions of local days without imports, so that a client can
 * have a copy.
 */

export const directions = ['at_least', 'at_most', 'between', 'reach', 'reduce_to'] as const;
export type Direction = (typeof directions)[number];
export const lengths = ['day', 'week', 'month', 'total'] as const;
export type Length = (typeof lengths)[number];
export const weekdayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const statuses = ['met', 'missed', 'open', 'no_data'] as const;
export type Status = (typeof statuses)[number];

/** When a goal counts, in local days. */
export interface Timing {
  readonly period: Length;
  /** The days that count, for the period `day`; null for all. */
  readonly weekdays?: readonly string[] | null;
  readonly startOn: string;
  /** The last day; null for a goal without an end. */
  readonly dueOn?: string | null;
}

/** A period of a goal; both days are inclusive. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

/** What is aimed at, in the unit of the values. */
export interface Target {
  readonly direction: Direction;
  readonly targetMin?: number | null;
  readonly targetMax?: number | null;
  readonly startValue?: number | null;
}

export type RollUp = 'sum' | 'average' | 'last' | 'max';

export interface Valued {
  /** Null if something is known of the day, but not its value. */
  readonly value: number | null;
  readonly weight: number;
  readonly isPartial: boolean;
  readonly coverage?: Coverage;
  readonly isOpen?: boolean;
}

/** Of how many things, such as items of meals, the value is known, and how many there are. */
export interface Coverage {
  readonly known: number;
  readonly total: number;
}

/** What the days of a period are worth together. */
export interface Rolled {
  /** Null without a day that has a value, because unknown is not zero. */
  readonly value: number | null;
  readonly isPartial: boolean;
  /** Null where nothing is counted. */
  readonly coverage: Coverage | null;
  /** Whether time alone may still change the value of one of the days. */
  readonly isOpen: boolean;
}

const DAY_MS = 86_400_000;
const LAST_DAY = '9999-12-31';
const textOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const shifted = (day: string, days: number): string => textOf(Date.parse(day) + days * DAY_MS);
/** 0 for Monday. */
const weekdayOf = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;
export const earlier = (a: string, b: string): string => (a < b ? a : b);
export const later = (a: string, b: string): string => (a > b ? a : b);

/** The last day of the period of the calendar that a day is in. A week begins on Monday. */
function endOf(day: string, period: Length): string {
  if (period === 'day') return day;
  if (period === 'week') return shifted(day, 6 - weekdayOf(day));
  if (period === 'total') return LAST_DAY;
  const date = new Date(day);
  return textOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0));
}

/** The first day of the period of the calendar that a day is in. */
function startOf(day: string, period: Length): string {
  if (period === 'week') return shifted(day, -weekdayOf(day));
  return period === 'month' ? `${day.slice(0, 8)}01` : day;
}

/**
 * The periods of a goal that have a day from `from` to `to`, the earliest first. The first and the last period have only the days
 * from the start of the goal to its end. A total has one period; without an end, it ends on the last day of the calendar.
 */
export function periodsOf({ period, weekdays, startOn, dueOn }: Timing, from: string, to: string): Period[] {
  const last = dueOn ?? LAST_DAY;
  const until = earlier(to, last);
  if (until < startOn) return [];
  if (period === 'total') return last >= from ? [{ start: startOn, end: last }] : [];
  const periods: Period[] = [];
  for (let day = later(startOn, startOf(later(from, startOn), period)); day <= until;) {
    const end = endOf(day, period);
    if (period !== 'day' || isCounted(day, weekdays)) periods.push({ start: day, end: earlier(end, last) });
    day = shifted(end, 1);
  }
  return periods;
}

const isCounted = (day: string, weekdays: readonly string[] | null | undefined): boolean =>
  !weekdays || weekdays.length === 0 || weekdays.includes(weekdayNames[weekdayOf(day)] ?? '');

/** The value of a period from those of its days, the earliest first. */
export function valueOf(days: readonly Valued[], rollUp: RollUp): Rolled {
  const known = days.filter(hasValue);
  const last = known.at(-1);
  const isPartial = rollUp === 'last' && last ? last.isPartial : days.some((day) => day.isPartial);
  const isOpen = days.some((day) => day.isOpen);
  return { value: last ? rolled(known, last, rollUp) : null, isPartial, coverage: coverageOf(days), isOpen };
}

type Known = Valued & { readonly value: number };
const hasValue = (day: Valued): day is Known => day.value !== null;

function rolled(days: readonly Known[], last: Known, rollUp: RollUp): number {
  if (rollUp === 'last') return last.value;
  if (rollUp === 'max') return days.reduce((most, { value }) => Math.max(most, value), last.value);
  if (rollUp === 'sum') return rounded(days.reduce((sum, { value }) => sum + value, 0));
  const weight = days.reduce((sum, day) => sum + day.weight, 0);
  return rounded(days.reduce((sum, day) => sum + day.value * day.weight, 0) / weight);
}

function coverageOf(days: readonly Valued[]): Coverage | null {
  const counted = days.flatMap(({ coverage }) => coverage ?? []);
  if (counted.length === 0) return null;
  return {
    known: counted.reduce((sum, { known }) => sum + known, 0),
    total: counted.reduce((sum, { total }) => sum + total, 0),
  };
}

export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/**
 * The status of a period. An upper limit is kept only when the period is over; a value that can only grow misses it at once.
 * @param value null without data
 */
export function statusOf(target: Target, value: number | null, rollUp: RollUp, isOver: boolean): Status {
  if (value === null) return isOver ? 'no_data' : 'open';
  const { direction } = target;
  const isReached = value >= (target.targetMin ?? -Infinity);
  const isBelow = value <= (target.targetMax ?? Infinity);
  if (direction === 'at_least' || direction === 'reach')
    return isReached ? 'met' : isOver ? 'missed' : 'open';
  if (direction === 'reduce_to') return isBelow ? 'met' : isOver ? 'missed' : 'open';
  if (isOver) return isBelow && (direction === 'at_most' || isReached) ? 'met' : 'missed';
  return !isBelow && (rollUp === 'sum' || rollUp === 'max') ? 'missed' : 'open';
}

/**
 * How far a value is, in percent of the target: of `targetMin`, or of `targetMax` for an upper limit. For `reach` and `reduce_to`
 * it is the part of the way from `startValue`; null without one.
 */
export function percentOf(target: Target, value: number | null): number | null {
  const { direction, targetMin, targetMax, startValue } = target;
  const isLower = direction === 'at_least' || direction === 'reach';
  const goal = isLower ? targetMin : targetMax;
  if (value === null || goal == null) return null;
  const isWay = direction === 'reach' || direction === 'reduce_to';
  if (isWay && startValue == null) return null;
  const origin = isWay ? (startValue ?? 0) : 0;
  if (goal === origin) return null;
  return Math.max(0, Math.round(((value - origin) / (goal - origin)) * 1_000) / 10);
}

/**
 * How many periods were met in a row, now and at most. Up to `allowedMisses` periods in a row that were missed, or have no data,
 * interrupt no streak, and do not count. An open period neither counts nor interrupts.
 * @param all the earliest first
 */
export function streaksOf(
  all: readonly Status[],
  allowedMisses: number,
): { readonly current: number; readonly longest: number } {
  let [current, longest, misses] = [0, 0, 0];
  for (const status of all) {
    if (status === 'met') [current, misses] = [current + 1, 0];
    else if (status !== 'open' && (misses += 1) > allowedMisses) current = 0;
    longest = Math.max(longest, current);
  }
  return { current, longest };
}
