// Copied by `npm run generate` from src/modules/health/health-metrics/roll-up.ts: change it there.
/*
 * How readings of one kind become one value for each hour, day, week or month. It has no imports, so that a client computes
 * the same from its own copy of the readings.
 */

/** What the roll-up needs of a reading; `value` is in the canonical unit. */
export interface RolledReading {
  readonly id: string;
  /** `YYYY-MM-DD`: the local day of the reading. */
  readonly localDate: string;
  /** 0 to 23. */
  readonly localHour: number;
  /** Milliseconds since 1970. */
  readonly measuredAt: number;
  /** The end of an interval; null for a reading of one instant. */
  readonly endedAt: number | null;
  readonly source: string;
  readonly value: number;
}

export type Bucket = 'hour' | 'day' | 'week' | 'month';

export interface RollUpRules {
  readonly rollUp: 'sum' | 'average' | 'last' | 'max';
  readonly bucket: Bucket;
  /** The person's order of sources; see {@link bySource}. */
  readonly order?: readonly string[];
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
}

/** A piece of time, and the reading that counts for it. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly reading: RolledReading;
  /** What the piece counts, in millionths: the part of the value that its length is of the interval. */
  readonly millionths: bigint;
}

const DAY_MS = 86_400_000;
const MILLIONTHS = 1e6;

/** Rolls readings up. The order of the readings does not matter. */
export const rollUp = (readings: readonly RolledReading[], rules: RollUpRules): RolledBucket[] =>
  combine(partsOf(readings, rules), rules);

/** The parts of readings, one for each local day or hour that has a reading. A reading that is given twice counts once. */
export function partsOf(
  given: readonly RolledReading[],
  { rollUp: way, bucket, order = [] }: RollUpRules,
): Part[] {
  const readings = [...new Map(given.map((reading) => [reading.id, reading])).values()];
  const counted = way === 'sum' ? merged(readings, order) : readings.map(wholeOf);
  return joined(
    counted.map(({ reading, millionths }) =>
      partOf(reading, bucket === 'hour' ? reading.localHour : null, millionths),
    ),
  );
}

/** Joins parts of different readings: those of the same day, or of the same hour, become one. */
function joined(given: readonly Part[]): Part[] {
  const parts = new Map<string, Part>();
  for (const part of given) {
    const key = `${part.localDate} ${part.hour ?? ''}`;
    parts.set(key, added(parts.get(key), part));
  }
  return [...parts.values()];
}

const wholeOf = (reading: RolledReading) => ({ reading, millionths: toMillionths(reading.value) });

const partOf = (reading: RolledReading, hour: number | null, millionths: bigint): Part => ({
  localDate: reading.localDate,
  hour,
  sum: millionths,
  count: 1,
  minimum: reading.value,
  maximum: reading.value,
  last: { value: reading.value, measuredAt: reading.measuredAt, id: reading.id },
});

function added(one: Part | undefined, other: Part): Part {
  if (!one) return other;
  return {
    ...one,
    sum: one.sum + other.sum,
    count: one.count + other.count,
    minimum: Math.min(one.minimum, other.minimum),
    maximum: Math.max(one.maximum, other.maximum),
    last: later(one.last, other.last),
  };
}

function later(one: Part['last'], other: Part['last']): Part['last'] {
  if (!one || !other) return one ?? other;
  return (one.measuredAt - other.measuredAt || (one.id < other.id ? -1 : 1)) < 0 ? other : one;
}

/**
 * What each reading of an additive kind counts, one entry for each reading. Where intervals overlap, the source of the most
 * trust counts; within one source the shorter interval, because it says more.
 */
function merged(readings: readonly RolledReading[], order: readonly string[]) {
  const sums = new Map<RolledReading, bigint>(readings.map((reading) => [reading, 0n]));
  for (const { reading, millionths } of segmentsOf(readings, order))
    sums.set(reading, (sums.get(reading) ?? 0n) + millionths);
  return [...sums].map(([reading, millionths]) => ({ reading, millionths }));
}

/** The pieces of time that count. A reading of one instant counts whole, because it overlaps nothing. */
export function segmentsOf(readings: readonly RolledReading[], order: readonly string[] = []): Segment[] {
  // Not by spreading: a day may have more pieces than a call can have arguments.
  return overlapping(readings).flatMap((group) =>
    group.length === 1 ? group.map(wholeSegment) : cut(group, order),
  );
}

const wholeSegment = (reading: RolledReading): Segment => ({
  from: reading.measuredAt,
  to: reading.endedAt ?? reading.measuredAt,
  reading,
  millionths: toMillionths(reading.value),
});

/** Groups readings whose intervals overlap, directly or through others. */
function overlapping(readings: readonly RolledReading[]): RolledReading[][] {
  const groups: RolledReading[][] = [];
  let end = -Infinity;
  for (const reading of readings.toSorted((a, b) => a.measuredAt - b.measuredAt || compareText(a.id, b.id))) {
    const to = reading.endedAt ?? reading.measuredAt;
    const group = groups.at(-1);
    const isInstant = to === reading.measuredAt;
    if (group && !isInstant && reading.measuredAt < end) group.push(reading);
    else if (isInstant) groups.splice(Math.max(groups.length - 1, 0), 0, [reading]);
    else groups.push([reading]);
    if (!isInstant) end = Math.max(end, to);
  }
  return groups;
}

/** Cuts the time of a group at every start and end. Each reading takes the pieces that those of more trust left. */
function cut(group: readonly RolledReading[], order: readonly string[]): Segment[] {
  const edges = [...new Set(group.flatMap(({ measuredAt, endedAt }) => [measuredAt, endedAt ?? measuredAt]))];
  edges.sort((a, b) => a - b);
  const places = new Map(edges.map((time, index) => [time, index]));
  const placeOf = (time: number): number => places.get(time) ?? 0;
  const winners = new Map<number, RolledReading>();
  const freeFrom = freePlaces();
  for (const reading of group.toSorted(trust(order))) {
    const end = placeOf(reading.endedAt ?? reading.measuredAt);
    for (let at = freeFrom(placeOf(reading.measuredAt)); at < end; at = freeFrom(at, at + 1))
      winners.set(at, reading);
  }
  return edges.flatMap((from, index) => {
    const [to = from, reading] = [edges[index + 1], winners.get(index)];
    return reading ? [{ from, to, reading, millionths: shareOf(reading, from, to) }] : [];
  });
}

/**
 * Finds the first free place at or after one. A second argument says that the place is taken, and where to go on. Each search
 * shortens the way of the next one, so that many readings over the same time need no more than a few steps each.
 */
function freePlaces(): (place: number, next?: number) => number {
  const taken = new Map<number, number>();
  return (place, next) => {
    if (next !== undefined) taken.set(place, next);
    let free = place;
    for (let on = taken.get(free); on !== undefined; on = taken.get(free)) free = on;
    for (let at = place, on = taken.get(at); on !== undefined; at = on, on = taken.get(at))
      taken.set(at, free);
    return free;
  };
}

/** The part of a value that counts for a piece. The parts of a whole interval add up to its value exactly. */
function shareOf({ value, measuredAt, endedAt }: RolledReading, from: number, to: number): bigint {
  const length = BigInt((endedAt ?? measuredAt) - measuredAt);
  const upTo = (time: number): bigint => (toMillionths(value) * BigInt(time - measuredAt)) / length;
  return upTo(to) - upTo(from);
}

/** Compares sources: those of the person's order come first, then `manual`, what the person entered, then others by name. */
export function bySource(order: readonly string[]): (a: string, b: string) => number {
  const ranks = new Map(order.map((source, index) => [source, index]));
  const rankOf = (source: string): number => ranks.get(source) ?? order.length + Number(source !== 'manual');
  return (a, b) => rankOf(a) - rankOf(b) || compareText(a, b);
}

/** Sorts readings by their source, then the shorter interval, then the one that began later. */
function trust(order: readonly string[]) {
  const compare = bySource(order);
  return (a: RolledReading, b: RolledReading): number =>
    compare(a.source, b.source) ||
    lengthOf(a) - lengthOf(b) ||
    b.measuredAt - a.measuredAt ||
    compareText(a.id, b.id);
}

const lengthOf = ({ measuredAt, endedAt }: RolledReading): number => (endedAt ?? measuredAt) - measuredAt;
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const toMillionths = (value: number): bigint => BigInt(Math.round(value * MILLIONTHS));

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
  { rollUp: way, bucket }: RollUpRules,
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
