import { bySource } from '../health-metrics/reading-merge.js';

/*
 * How long a session and a night were. Pure functions that need only the roll-up of readings, so that a client can show the
 * same totals from its own copy.
 */

/** Seconds by what they were spent on; null where no source knows. */
export interface SleepTotals {
  readonly asleepSeconds: number | null;
  readonly inBedSeconds: number | null;
  readonly awakeSeconds: number | null;
  readonly lightSeconds: number | null;
  readonly deepSeconds: number | null;
  readonly remSeconds: number | null;
}

interface Stage {
  readonly stage: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** The entered values that decide how long a session was. */
export interface SessionTimes {
  readonly startedAt?: Date | null;
  readonly endedAt?: Date | null;
  readonly minutesAsleep?: number | null;
  readonly minutesInBed?: number | null;
  readonly stages?: readonly Stage[] | null;
}

const TOTALS = [
  'asleepSeconds',
  'inBedSeconds',
  'awakeSeconds',
  'lightSeconds',
  'deepSeconds',
  'remSeconds',
] as const;
/** Stages in which a person sleeps. */
const SLEEPING = ['light', 'deep', 'rem', 'asleep'];
/** Stages that a source with details of sleep tells apart. */
const DETAILED = ['light', 'deep', 'rem'];

/**
 * The totals of one session. What the source counted itself goes before what is counted from stages, and that before the
 * length of the session.
 */
export function totalsOf(session: SessionTimes): SleepTotals {
  const { startedAt, endedAt, minutesAsleep, minutesInBed, stages } = session;
  const known = stages ?? [];
  const secondsOf = (names: readonly string[]): number =>
    seconds(known.filter(({ stage }) => names.includes(stage)));
  const has = (names: readonly string[]): boolean => known.some(({ stage }) => names.includes(stage));
  const whole = startedAt && endedAt ? seconds([{ startedAt, endedAt }]) : null;
  const isDetailed = has(DETAILED);
  // A source that knows only the time in bed does not know how long the person slept.
  const isAsleepKnown = has([...SLEEPING, 'awake']);
  const detail = (stage: string): number | null => (isDetailed ? secondsOf([stage]) : null);
  const reported = (minutes: number | null | undefined): number | null =>
    minutes == null ? null : minutes * 60;
  return {
    asleepSeconds:
      reported(minutesAsleep) ?? (isAsleepKnown ? secondsOf(SLEEPING) : known.length === 0 ? whole : null),
    inBedSeconds: reported(minutesInBed) ?? (has(['in_bed']) ? secondsOf(['in_bed']) : whole),
    awakeSeconds: isAsleepKnown ? secondsOf(['awake']) : null,
    lightSeconds: detail('light'),
    deepSeconds: detail('deep'),
    remSeconds: detail('rem'),
  };
}

const seconds = (intervals: readonly Pick<Stage, 'startedAt' | 'endedAt'>[]): number =>
  Math.round(
    intervals.reduce((sum, { startedAt, endedAt }) => sum + endedAt.getTime() - startedAt.getTime(), 0) /
      1_000,
  );

/** A session as {@link nightsOf} compares it. */
export interface Session extends SleepTotals {
  readonly id: string;
  readonly source: string;
  readonly isNap: boolean;
  readonly localDate: string;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface SleepSum extends SleepTotals {
  readonly sessionCount: number;
}

/** The sleep of one local day. */
export interface Night {
  readonly localDate: string;
  /** The first start and the last end of the night; null if no source knows them, or if there are only naps. */
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly night: SleepSum;
  readonly naps: SleepSum;
  /** The ids of the sessions in the sums. */
  readonly counted: readonly string[];
  /** The ids of the sessions that overlap a counted one. */
  readonly replaced: readonly string[];
}

/**
 * Counts no hour of sleep twice. Of sessions that overlap, one counts: that of the source that comes first, and of
 * one source the longest, because a source uploads a growing session again and again. Time that only a session covers which
 * does not count is not counted. The result does not depend on the order of `sessions`.
 * @param order the person's order of sources; see `bySource`
 * @returns the days with sleep, the earliest first
 */
export function nightsOf(sessions: readonly Session[], order: readonly string[]): Night[] {
  const counted = new Set<Session>();
  const intervals = new Intervals();
  // By day, and naps apart: whether a session without instants stands for it.
  const days = new Map<string, boolean>();
  for (const session of sessions.toSorted(byRank(order))) {
    const { startedAt, endedAt } = session;
    const day = `${session.localDate} ${session.isNap}`;
    const isTimed = startedAt !== null && endedAt !== null;
    // It is not known what a session without instants overlaps, so it counts only where it is alone.
    const isFree = isTimed
      ? days.get(day) !== true && intervals.take(startedAt.getTime(), endedAt.getTime())
      : !days.has(day);
    if (!isFree) continue;
    days.set(day, !isTimed);
    counted.add(session);
  }
  const byDay = new Map<string, Session[]>();
  for (const session of sessions) {
    const own = byDay.get(session.localDate);
    if (own) own.push(session);
    else byDay.set(session.localDate, [session]);
  }
  return [...byDay].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([day, own]) => nightOf(day, own, counted));
}

/** The most trusted source first; of one source those with instants, then the longest. */
function byRank(order: readonly string[]): (a: Session, b: Session) => number {
  const compare = bySource(order);
  const isTimed = ({ endedAt }: Session): number => Number(endedAt !== null);
  return (a, b) =>
    compare(a.source, b.source) ||
    isTimed(b) - isTimed(a) ||
    lengthOf(b) - lengthOf(a) ||
    (a.id < b.id ? -1 : Number(a.id > b.id));
}

const lengthOf = ({ startedAt, endedAt, asleepSeconds }: Session): number =>
  startedAt && endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1_000 : (asleepSeconds ?? 0);

/** Intervals that do not overlap, in their order. */
class Intervals {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** Adds an interval. @returns false if it overlaps another; one that begins where another ends does not */
  take(start: number, end: number): boolean {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    if ((this.ends[low - 1] ?? -Infinity) > start || (this.starts[low] ?? Infinity) < end) return false;
    this.starts.splice(low, 0, start);
    this.ends.splice(low, 0, end);
    return true;
  }
}

function nightOf(localDate: string, sessions: readonly Session[], counted: ReadonlySet<Session>): Night {
  const own = sessions.filter((session) => counted.has(session));
  const night = own.filter(({ isNap }) => !isNap);
  const idsOf = (some: readonly Session[]): string[] => some.map(({ id }) => id).toSorted();
  return {
    localDate,
    startedAt: extreme(night, 'startedAt', Math.min),
    endedAt: extreme(night, 'endedAt', Math.max),
    night: sumOf(night),
    naps: sumOf(own.filter(({ isNap }) => isNap)),
    counted: idsOf(own),
    replaced: idsOf(sessions.filter((session) => !counted.has(session))),
  };
}

function extreme(
  sessions: readonly Session[],
  property: 'startedAt' | 'endedAt',
  choose: (...times: number[]) => number,
): Date | null {
  const times = sessions.flatMap((session) => session[property]?.getTime() ?? []);
  return times.length === 0 ? null : new Date(choose(...times));
}

/** An unknown total does not count as zero: it is left out, and a sum of nothing is null. */
function sumOf(sessions: readonly Session[]): SleepSum {
  const sums = TOTALS.map((total) => {
    const known = sessions.flatMap((session) => session[total] ?? []);
    return [total, known.length === 0 ? null : known.reduce((a, b) => a + b)] as const;
  });
  return { sessionCount: sessions.length, ...(Object.fromEntries(sums) as unknown as SleepTotals) };
}
