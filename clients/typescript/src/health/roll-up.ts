// Copied by `npm run generate` from src/modules/health/health-metrics/roll-up.ts: change it there.
/*
 * How readings of one kind become one value for each hour, day, week or month. A client computes the same from its own copy of
 * the readings.
 */
import { compareText, Merge, type RolledReading, toMillionths } from './reading-merge.js';

export type Bucket = 'hour' | 'day' | 'week' | 'month';

export interface RollUpRules {
  readonly rollUp: 'sum' | 'average' | 'last' | 'max';
  readonly bucket: Bucket;
  /** The person's order of sources; see {@link bySource}. */
  readonly order?: readonly string[];
  /** For a kind with a target; null or absent for others. */
  readonly within?: TargetLimits | null;
}

/** Values from the first on and below the second are within a target. */
export type TargetLimits = readonly [from: number, until: number];

/** Parts of the readings, 0 to 1, which add up to 1. They are those of the time only for readings in even steps. */
export interface TimeInRange {
  readonly below: number;
  readonly within: number;
  readonly above: number;
}

/** The readings of one local day, or of one hour of it. */
export interface Part {
  readonly localDate: string;
  /** Null for a whole day. */
  readonly hour: number | null;
  /** The exact sum, in millionths of the canonical unit. */
  readonly sum: bigint;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly last: { readonly value: number; readonly measuredAt: number; readonly id: string } | null;
  /** Readings below and above the target; 0 for a kind without one. */
  readonly below: number;
  readonly above: number;
}

/** The value of a bucket, and what it is made of. */
export interface RolledBucket {
  /** The first day of the bucket. */
  readonly localDate: string;
  /** The hour of the day; null unless the bucket is an hour. */
  readonly hour: number | null;
  readonly value: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly average: number;
  /** The value that was measured last; null for a sum. */
  readonly last: number | null;
  readonly count: number;
  /** Days of the bucket with a reading. */
  readonly days: number;
  /** `days` as a part of all days of the bucket, 0 to 1. */
  readonly coverage: number;
  /** Null for a kind without a target. */
  readonly timeInRange: TimeInRange | null;
}

const DAY_MS = 86_400_000;
const MILLIONTHS = 1e6;
const ANYTHING: TargetLimits = [-Infinity, Infinity];

/** Rolls readings up. The order of the readings does not matter. */
export const rollUp = (readings: readonly RolledReading[], rules: RollUpRules): RolledBucket[] =>
  combine(partsOf(readings, rules), rules);

/** The parts of readings, one for each local day or hour that has a reading. A reading that is given twice counts once. */
export function partsOf(
  given: readonly RolledReading[],
  { rollUp: way, bucket, order, within }: RollUpRules,
): Part[] {
  const readings = [...new Map(given.map((reading) => [reading.id, reading])).values()];
  const parts = new Parts(bucket, within);
  if (way === 'sum') {
    const merge = new Merge(order, { ended: (reading, millionths) => parts.add(reading, millionths) });
    for (const reading of readings.toSorted(byBegin)) merge.add(reading);
    merge.reach(Infinity);
  } else for (const reading of readings) parts.add(reading, toMillionths(reading.value));
  return parts.all();
}

export const keyOfBucket = (localDate: string, hour: number | null): string => `${localDate} ${hour ?? ''}`;

/** Collects the parts of days, or of hours. */
export class Parts {
  private readonly parts = new Map<string, Part>();

  constructor(
    private readonly bucket: Bucket,
    private readonly within?: TargetLimits | null,
  ) {}

  /** @param millionths what the reading counts */
  add({ localDate, localHour, value, measuredAt, id }: RolledReading, millionths: bigint): void {
    const hour = this.bucket === 'hour' ? localHour : null;
    const key = keyOfBucket(localDate, hour);
    const last = { value, measuredAt, id };
    const [from, until] = this.within ?? ANYTHING;
    const own = {
      localDate,
      hour,
      sum: millionths,
      count: 1,
      minimum: value,
      maximum: value,
      last,
      below: Number(value < from),
      above: Number(value >= until),
    };
    this.parts.set(key, added(this.parts.get(key), own));
  }

  all(): Part[] {
    return [...this.parts.values()];
  }
}

function added(one: Part | undefined, other: Part): Part {
  if (!one) return other;
  return {
    ...one,
    sum: one.sum + other.sum,
    count: one.count + other.count,
    minimum: Math.min(one.minimum, other.minimum),
    maximum: Math.max(one.maximum, other.maximum),
    last: later(one.last, other.last),
    below: one.below + other.below,
    above: one.above + other.above,
  };
}

function later(one: Part['last'], other: Part['last']): Part['last'] {
  if (!one || !other) return one ?? other;
  return (one.measuredAt - other.measuredAt || (one.id < other.id ? -1 : 1)) < 0 ? other : one;
}

/** Sorts readings as {@link Merge.add} wants them. */
const byBegin = (a: RolledReading, b: RolledReading): number => a.measuredAt - b.measuredAt;

/** Combines the parts of days, or of hours, into buckets in their order. */
export function combine(parts: readonly Part[], rules: RollUpRules): RolledBucket[] {
  const groups = new Map<string, { localDate: string; parts: Part[] }>();
  for (const part of parts) {
    const localDate = startOf(part.localDate, rules.bucket);
    const key = part.hour === null ? localDate : `${localDate} ${String(part.hour).padStart(2, '0')}`;
    const group = groups.get(key);
    if (group) group.parts.push(part);
    else groups.set(key, { localDate, parts: [part] });
  }
  return [...groups]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, group]) => bucketOf(group.localDate, group.parts, rules));
}

function bucketOf(
  localDate: string,
  parts: readonly Part[],
  { rollUp: way, bucket, within }: RollUpRules,
): RolledBucket {
  // A person thinks of a sum by days: the average day, the best day.
  const isSum = way === 'sum';
  let [millionths, count, minimum, maximum] = [0n, 0, Infinity, -Infinity];
  let latest: Part['last'] = null;
  for (const part of parts) {
    millionths += part.sum;
    count += part.count;
    minimum = Math.min(minimum, isSum ? numberOf(part.sum) : part.minimum);
    maximum = Math.max(maximum, isSum ? numberOf(part.sum) : part.maximum);
    if (!isSum) latest = later(latest, part.last);
  }
  const [sum, last] = [numberOf(millionths), latest?.value ?? null];
  const average = Math.round((sum / (isSum ? parts.length : count)) * MILLIONTHS) / MILLIONTHS;
  return {
    localDate,
    hour: bucket === 'hour' ? (parts[0]?.hour ?? 0) : null,
    value: isSum ? sum : way === 'average' ? average : way === 'max' ? maximum : (last ?? 0),
    sum,
    minimum,
    maximum,
    average,
    last,
    count,
    days: parts.length,
    coverage: parts.length / daysOf(localDate, bucket),
    timeInRange: within ? timeInRange(parts, count) : null,
  };
}

/** Rounds where the parts meet, so that they add up to 1 in millionths, and what no reading has is 0. */
function timeInRange(parts: readonly Part[], count: number): TimeInRange {
  let [below, above] = [0, 0];
  for (const part of parts) {
    below += part.below;
    above += part.above;
  }
  const least = Math.round((below / count) * MILLIONTHS);
  const most = Math.round(((count - above) / count) * MILLIONTHS);
  return {
    below: least / MILLIONTHS,
    within: (most - least) / MILLIONTHS,
    above: (MILLIONTHS - most) / MILLIONTHS,
  };
}

const numberOf = (millionths: bigint): number => Number(millionths) / MILLIONTHS;

/** The first day of the bucket of a day; a week begins on Monday (ISO 8601). */
export function startOf(localDate: string, bucket: Bucket): string {
  if (bucket !== 'week') return bucket === 'month' ? `${localDate.slice(0, 8)}01` : localDate;
  const weekday = (new Date(localDate).getUTCDay() + 6) % 7;
  return new Date(Date.parse(localDate) - weekday * DAY_MS).toISOString().slice(0, 10);
}

function daysOf(localDate: string, bucket: Bucket): number {
  if (bucket !== 'month') return bucket === 'week' ? 7 : 1;
  const [year = 0, month = 0] = localDate.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
