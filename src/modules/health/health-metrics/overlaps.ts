import { slicesOf } from '../../../platform/database/batches.js';
import { instantText, readInstant } from '../../../platform/database/database.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import { grouped } from '../../../platform/grouped.js';
import type { OtherRecords } from '../../../records/define/define-record.js';
import type { HealthMetric } from './health-metric.entity.js';
import { metricKindOf } from './metric-kinds.js';
import { MAX_INTERVAL_MS } from './reading-rules.js';

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Ranges that one statement reads. */
const RANGES = 100;
/** Readings that are at most this far from each other are one range. */
const JOINED_MS = 3_600_000;
/** Stored intervals that are compared with the readings of one kind and one change. */
const MOST_STORED = 5_000;

/**
 * Marks the readings whose interval shares time with another reading of their kind: one that is stored, or one of the same
 * batch. Of two that overlap, at least the one that was written later is marked. So a day without a mark can be summed by SQL.
 */
export async function markOverlaps(readings: readonly HealthMetric[], all: OtherRecords): Promise<void> {
  // Of a kind that is measured at instants, one with an end is an amount of a period, which contains others.
  for (const reading of readings)
    reading.overlaps = reading.endedAt !== null && metricKindOf(reading.metric)?.shape === 'point';
  const intervals = readings.filter(
    ({ deletedAt, metric }) => deletedAt === null && metricKindOf(metric)?.shape === 'interval',
  );
  const ids = new Set(readings.map(({ id }) => id));
  for (const [metric, own] of grouped(intervals, ({ metric: name }) => name)) {
    const sorted = own.toSorted((a, b) => a.measuredAt.getTime() - b.measuredAt.getTime());
    markAmong(sorted);
    await markStored(metric, sorted, ids, all);
  }
}

const intervalOf = ({ measuredAt, endedAt }: Pick<HealthMetric, 'measuredAt' | 'endedAt'>): Interval => ({
  from: measuredAt.getTime(),
  to: (endedAt ?? measuredAt).getTime(),
});

/** @param sorted by their start. */
function markAmong(sorted: readonly HealthMetric[]): void {
  let end = -Infinity;
  for (const reading of sorted) {
    const { from, to } = intervalOf(reading);
    if (from < end) reading.overlaps = true;
    end = Math.max(end, to);
  }
}

/** @param others sorted by their start. */
function markBeside(readings: readonly HealthMetric[], others: readonly Interval[]): void {
  const ends: number[] = [];
  for (const { to } of others) ends.push(Math.max(to, ends.at(-1) ?? -Infinity));
  for (const reading of readings) {
    const { from, to } = intervalOf(reading);
    const before = countBefore(others, to);
    if (before > 0 && (ends[before - 1] ?? 0) > from) reading.overlaps = true;
  }
}

/** How many of the intervals, sorted by their start, begin before an instant. */
function countBefore(sorted: readonly Interval[], time: number): number {
  let [least, most] = [0, sorted.length];
  while (least < most) {
    const middle = (least + most) >> 1;
    if ((sorted[middle]?.from ?? time) < time) least = middle + 1;
    else most = middle;
  }
  return least;
}

/**
 * Marks readings beside what is stored. The owner is locked meanwhile, so it reads a limited number of intervals: when more may
 * share time with the readings, it marks all of them, which costs a summary a merge and changes no sum.
 */
async function markStored(
  metric: string,
  sorted: readonly HealthMetric[],
  ids: ReadonlySet<string>,
  all: OtherRecords,
): Promise<void> {
  let left = MOST_STORED + ids.size;
  const ranges = rangesOf(sorted);
  for (const some of slicesOf(ranges, RANGES)) {
    const readings = some.flatMap((range) => range.readings);
    const rows = left > 0 ? await stored(metric, some, left, all) : [];
    left -= rows.length;
    if (left <= 0) for (const reading of readings) reading.overlaps = true;
    else {
      const others = rows.filter((row) => !ids.has(String(row['id']))).map(storedInterval);
      markBeside(
        readings,
        others.toSorted((a, b) => a.from - b.from),
      );
    }
  }
}

/** The stored intervals that may share time with the readings of some ranges. */
const stored = (
  metric: string,
  ranges: readonly Range[],
  limit: number,
  { database, ownerId }: OtherRecords,
): Promise<SqlRow[]> =>
  database.rows(
    `SELECT id, measured_at, ended_at FROM health_metrics
     WHERE user_id = ? AND metric = ? AND deleted_at IS NULL
     AND (${ranges.map(() => '(measured_at >= ? AND measured_at < ? AND ended_at > ?)').join(' OR ')})
     LIMIT ?`,
    [
      ownerId,
      metric,
      ...ranges.flatMap(({ from, to }) => [textOf(from - MAX_INTERVAL_MS), textOf(to), textOf(from)]),
      limit,
    ],
    false,
  );

/** The times of readings that follow each other closely. One statement reads what may overlap them. */
interface Range extends Interval {
  readonly readings: readonly HealthMetric[];
}

function rangesOf(sorted: readonly HealthMetric[]): Range[] {
  const groups: HealthMetric[][] = [];
  let end = -Infinity;
  for (const reading of sorted) {
    const { from, to } = intervalOf(reading);
    const group = groups.at(-1);
    if (group && from - end <= JOINED_MS) group.push(reading);
    else groups.push([reading]);
    end = Math.max(end, to);
  }
  return groups.map((readings) => {
    const intervals = readings.map(intervalOf);
    const to = Math.max(...intervals.map((one) => one.to));
    return { from: intervals[0]?.from ?? to, to, readings };
  });
}

const storedInterval = (row: SqlRow): Interval => ({
  from: timeOf(row['measured_at']),
  to: timeOf(row['ended_at']),
});
const textOf = (time: number): string => instantText(new Date(time));
const timeOf = (value: unknown): number => readInstant(value).getTime();
