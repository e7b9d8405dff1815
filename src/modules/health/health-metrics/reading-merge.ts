/*
 * How overlapping readings of one kind count once. It has no imports, so that a client computes the same from its own copy of
 * the readings.
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

/** A piece of time, and the reading that counts for it. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly reading: RolledReading;
  /**
   * What the piece counts, in millionths: the part of the value that its length is of the interval. Negative for what a whole interval
   * counts less, because other readings count it.
   */
  readonly millionths: bigint;
}

/** What a merge says, as soon as it is certain. */
export interface MergeListener {
  /** A piece of time counts as a reading says. Pieces come in the order of their end. */
  counts?(segment: Segment): unknown;
  /** All pieces of a reading are known; together they count so much. It is said once of each reading. */
  ended?(reading: RolledReading, millionths: bigint): unknown;
}

/** A reading that has begun. */
interface Begun {
  readonly reading: RolledReading;
  readonly rank: number;
  readonly end: number;
  millionths: bigint;
  /** What readings of one instant count of its time: so much of it is not counted again. */
  debt: bigint;
}

/** A reading of one instant, and the interval that counts then. */
interface Point {
  readonly begun: Begun;
  readonly over: Begun | undefined;
}

const MINUTE_MS = 60_000;

/**
 * Merges the readings of an additive kind, so that nothing counts twice. Where intervals overlap, the source of the most trust
 * counts; within one source the shorter interval, because it says more. Of readings of one instant that several sources have in one
 * minute, those of the source of the most trust count. One within an interval of a source of more trust is in that interval; otherwise it
 * counts, and the interval counts so much less, as a total of a day contains the drinks of the day.
 *
 * Readings are added in the order of their begin, so that a long period is merged piece by piece, with no more in memory than what
 * overlaps.
 */
export class Merge {
  /** A binary heap: the first one counts now. One that has ended stays until it comes first. */
  private readonly heap: Begun[] = [];
  private readonly ranks: ReadonlyMap<string, number>;
  /** Since when the first one counts. */
  private since = -Infinity;
  /** Readings of the instant that was reached. Which interval counts then is known when all that begin then were added. */
  private arriving: Begun[] = [];
  /** Those of earlier instants of the same minute. */
  private points: Point[] = [];

  constructor(
    order: readonly string[] = [],
    private readonly listener: MergeListener,
  ) {
    this.ranks = ranksOf(order);
  }

  /** Adds a reading that begins no earlier than all that were added before. */
  add(reading: RolledReading): void {
    const { measuredAt, endedAt, source } = reading;
    this.reach(measuredAt);
    const end = endedAt ?? measuredAt;
    const begun: Begun = { reading, end, rank: rankIn(this.ranks, source), millionths: 0n, debt: 0n };
    if (end === measuredAt) this.arriving.push(begun);
    else this.enter(begun);
  }

  /** Puts a reading in the heap. What can never count, or never again, leaves at once, so that the heap stays small. */
  private enter(begun: Begun): void {
    const [first] = this.heap;
    if (first && compareTrust(first, begun) < 0) {
      if (begun.end <= first.end) this.leave(begun);
      else this.push(begun);
      return;
    }
    const { measuredAt } = begun.reading;
    if (first) this.close(first, measuredAt);
    else this.since = measuredAt;
    for (let below = first; below && below.end <= begun.end; below = this.heap[0]) {
      this.shift();
      this.leave(below);
    }
    this.push(begun);
  }

  /**
   * Says what counts up to an instant.
   * @param most readings that may end now
   * @returns false if there are more: call it again
   */
  reach(instant: number, most = Infinity): boolean {
    this.place(instant);
    for (let ended = 0; ended < most; ended++) {
      const [first] = this.heap;
      if (!first || first.end > instant) return true;
      this.close(first, first.end);
      this.shift();
      this.leave(first);
    }
    return false;
  }

  /** How many readings overlap and may count. */
  get size(): number {
    return this.heap.length + this.arriving.length + this.points.length;
  }

  /** Says of readings of one instant what counts then, and counts those of a minute that is over. */
  private place(instant: number): void {
    const [arrived] = this.arriving;
    if (arrived && instant > arrived.end) {
      const [over] = this.heap;
      for (const begun of this.arriving) this.points.push({ begun, over });
      this.arriving = [];
    }
    const [point] = this.points;
    if (point && minuteOf(instant) !== minuteOf(point.begun.end)) this.settle();
  }

  private leave(begun: Begun): void {
    // What it contains must be counted before.
    if (this.points.some(({ over }) => over === begun)) this.settle();
    const { reading, end, debt } = begun;
    const less = debt < begun.millionths ? debt : begun.millionths;
    if (less > 0n) this.count(begun, reading.measuredAt, end, -less);
    this.listener.ended?.(reading, begun.millionths);
  }

  /** Counts the readings of one instant of a minute. */
  private settle(): void {
    const points = this.points;
    this.points = [];
    let first: Begun | undefined;
    for (const { begun } of points) if (!first || compareSources(begun, first) < 0) first = begun;
    for (const { begun, over } of points) {
      const isContained = over !== undefined && compareSources(over, begun) < 0;
      if (!isContained && begun.reading.source === first?.reading.source) {
        const whole = toMillionths(begun.reading.value);
        this.count(begun, begun.end, begun.end, whole);
        if (over) over.debt += whole;
      }
      this.leave(begun);
    }
  }

  /** Ends the piece in which the first one counts. One that has ended under another counts nothing more. */
  private close(first: Begun, to: number): void {
    if (to <= this.since) return;
    this.count(first, this.since, to, shareOf(first.reading, this.since, to));
    this.since = to;
  }

  private count(begun: Begun, from: number, to: number, millionths: bigint): void {
    begun.millionths += millionths;
    this.listener.counts?.({ from, to, reading: begun.reading, millionths });
  }

  private push(begun: Begun): void {
    const { heap } = this;
    let at = heap.push(begun) - 1;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      const above = heap[parent];
      if (!above || compareTrust(above, begun) <= 0) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = begun;
  }

  /** Removes the first one. */
  private shift(): void {
    const { heap } = this;
    const moved = heap.pop();
    if (!moved || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const [left, right] = [heap[child], heap[child + 1]];
      if (!left) break;
      const isRight = right !== undefined && compareTrust(right, left) < 0;
      const next = isRight ? right : left;
      if (compareTrust(moved, next) <= 0) break;
      heap[at] = next;
      at = isRight ? child + 1 : child;
    }
    heap[at] = moved;
  }
}

/** The part of a value that counts for a piece. The parts of a whole interval add up to its value exactly. */
function shareOf({ value, measuredAt, endedAt }: RolledReading, from: number, to: number): bigint {
  const whole = toMillionths(value);
  const end = endedAt ?? measuredAt;
  if (from === measuredAt && to === end) return whole;
  const length = BigInt(end - measuredAt);
  const upTo = (time: number): bigint => (whole * BigInt(time - measuredAt)) / length;
  return upTo(to) - upTo(from);
}

/** Compares sources: those of the person's order come first, then `manual`, what the person entered, then others by name. */
export function bySource(order: readonly string[]): (a: string, b: string) => number {
  const ranks = ranksOf(order);
  return (a, b) => rankIn(ranks, a) - rankIn(ranks, b) || compareText(a, b);
}

const ranksOf = (order: readonly string[]) => new Map(order.map((source, index) => [source, index]));
const rankIn = (ranks: ReadonlyMap<string, number>, source: string): number =>
  ranks.get(source) ?? ranks.size + Number(source !== 'manual');

const minuteOf = (instant: number): number => Math.floor(instant / MINUTE_MS);

const compareSources = (a: Begun, b: Begun): number =>
  a.rank - b.rank || compareText(a.reading.source, b.reading.source);

/** Sorts readings by their source, then the shorter interval, then the one that began later. */
function compareTrust(one: Begun, other: Begun): number {
  const [{ end, reading: a }, { end: otherEnd, reading: b }] = [one, other];
  return (
    compareSources(one, other) ||
    end - a.measuredAt - (otherEnd - b.measuredAt) ||
    b.measuredAt - a.measuredAt ||
    compareText(a.id, b.id)
  );
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Sums are exact: they are counted in millionths of the canonical unit. */
export const toMillionths = (value: number): bigint => BigInt(Math.round(value * 1e6));
