import { bySource, type Bucket, type RolledReading, type Segment } from './roll-up.js';

/** A piece of time that counts as its source measured it. */
export interface ExplainedInterval {
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly millionths: bigint;
}

/** What a source sent for a bucket, and how much of it counts. */
export interface ExplainedSource {
  readonly source: string;
  readonly readings: number;
  readonly sent: bigint;
  readonly counted: bigint;
}

export interface Explained {
  readonly intervals: readonly ExplainedInterval[];
  readonly sources: readonly ExplainedSource[];
}

interface Builder {
  readonly intervals: ExplainedInterval[];
  readonly sources: Map<string, ExplainedSource>;
}

export const keyOfBucket = (localDate: string, hour: number | null): string => `${localDate} ${hour ?? ''}`;

/**
 * Which source counts for each piece of time, by bucket. Pieces of one source that follow each other are one.
 * @param readings all readings of the buckets
 * @param segments the pieces that count, of these readings only
 */
export function explained(
  readings: readonly RolledReading[],
  segments: readonly Segment[],
  bucket: Bucket,
  order: readonly string[],
): Map<string, Explained> {
  const buckets = new Map<string, Builder>();
  const builderOf = ({ localDate, localHour }: RolledReading): Builder => {
    const key = keyOfBucket(localDate, bucket === 'hour' ? localHour : null);
    const builder = buckets.get(key) ?? { intervals: [], sources: new Map<string, ExplainedSource>() };
    buckets.set(key, builder);
    return builder;
  };
  for (const reading of readings) {
    const millionths = BigInt(Math.round(reading.value * 1e6));
    add(builderOf(reading), { source: reading.source, readings: 1, sent: millionths, counted: 0n });
  }
  for (const { from, to, reading, millionths } of segments.toSorted((a, b) => a.from - b.from)) {
    const builder = builderOf(reading);
    add(builder, { source: reading.source, readings: 0, sent: 0n, counted: millionths });
    extend(builder.intervals, { source: reading.source, from, to, millionths });
  }
  const compare = bySource(order);
  return new Map(
    [...buckets].map(([key, { intervals, sources }]) => [
      key,
      { intervals, sources: [...sources.values()].toSorted((a, b) => compare(a.source, b.source)) },
    ]),
  );
}

function add({ sources }: Builder, one: ExplainedSource): void {
  const known = sources.get(one.source);
  sources.set(one.source, {
    source: one.source,
    readings: one.readings + (known?.readings ?? 0),
    sent: one.sent + (known?.sent ?? 0n),
    counted: one.counted + (known?.counted ?? 0n),
  });
}

function extend(intervals: ExplainedInterval[], next: ExplainedInterval): void {
  const last = intervals.at(-1);
  const follows = last?.source === next.source && last.to === next.from && last.to > last.from;
  if (!follows) intervals.push(next);
  else
    intervals[intervals.length - 1] = {
      ...last,
      to: next.to,
      millionths: last.millionths + next.millionths,
    };
}
