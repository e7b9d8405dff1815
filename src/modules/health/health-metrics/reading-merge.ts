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
  /** What the piece counts, in millionths: the part of the value that its length is of the interval. */
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
}

/**
 * Merges the readings of an additive kind, so that no time counts twice. Where intervals overlap, the source of the most trust
 * counts; within one source the shorter interval, because it says more. A reading of one instant counts whole, because it
 * overlaps nothing. Readings are added in the order of their begin, so that a long period is merged piece by piece, with no
 * more in memory than what overlaps.
 */
export class Merge {
  /** A binary heap: the first one counts now. One that has ended stays until it comes first. */
  private readonly heap: Begun[] = [];
  private readonly ranks: ReadonlyMap<string, number>;
  /** Since when the first one counts. */
  private since = -Infinity;

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
    const begun: Begun = { reading, end, rank: rankIn(this.ranks, source), millionths: 0n };
    if (end === measuredAt) {
      this.count(begun, measuredAt, end, toMillionths(reading.value));
      this.leave(begun);
    } else this.enter(begun);
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
    return this.heap.length;
  }

  private leave({ reading, millionths }: Begun): void {
    this.listener.ended?.(reading, millionths);
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

/** Sorts readings by their source, then the shorter interval, then the one that began later. */
function compareTrust(
  { rank, end, reading: a }: Begun,
  { rank: otherRank, end: otherEnd, reading: b }: Begun,
): number {
  return (
    rank - otherRank ||
    compareText(a.source, b.source) ||
    end - a.measuredAt - (otherEnd - b.measuredAt) ||
    b.measuredAt - a.measuredAt ||
    compareText(a.id, b.id)
  );
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Sums are exact: they are counted in millionths of the canonical unit. */
export const toMillionths = (value: number): bigint => BigInt(Math.round(value * 1e6));
