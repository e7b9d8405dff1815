import { bySource, type RolledReading, type Segment, toMillionths } from './reading-merge.js';
import { type Bucket, keyOfBucket } from './roll-up.js';

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

/** Collects by bucket which source counts for each piece of time. Pieces of one source that follow each other are one. */
export class Explanations {
  private readonly buckets = new Map<string, Builder>();

  constructor(private readonly bucket: Bucket) {}

  /** What a source sent. What counts of it is added by {@link addCounted}. */
  addSent(reading: RolledReading): void {
    const { source, value } = reading;
    add(this.builderOf(reading), { source, readings: 1, sent: toMillionths(value), counted: 0n });
  }

  /** A piece that counts. Pieces are added in the order of their end. */
  addCounted({ from, to, reading, millionths }: Segment): void {
    const { source } = reading;
    const builder = this.builderOf(reading);
    add(builder, { source, readings: 0, sent: 0n, counted: millionths });
    extend(builder.intervals, { source, from, to, millionths });
  }

  /** By {@link keyOfBucket}, the sources in the person's order. */
  all(order: readonly string[]): Map<string, Explained> {
    const compare = bySource(order);
    return new Map(
      [...this.buckets].map(([key, { intervals, sources }]) => [
        key,
        { intervals, sources: [...sources.values()].toSorted((a, b) => compare(a.source, b.source)) },
      ]),
    );
  }

  private builderOf({ localDate, localHour }: RolledReading): Builder {
    const key = keyOfBucket(localDate, this.bucket === 'hour' ? localHour : null);
    const builder = this.buckets.get(key) ?? { intervals: [], sources: new Map<string, ExplainedSource>() };
    this.buckets.set(key, builder);
    return builder;
  }
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
