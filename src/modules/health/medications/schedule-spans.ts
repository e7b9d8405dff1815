import { addDays } from '../../../kernel/quantities/local-time.js';
import { versionsOf } from './schedule-versions.js';

/** What a version of a schedule says of the days on which a medication is taken. */
export interface PlanSpan {
  readonly id: string;
  readonly medicationId: string;
  readonly versionOf: string | null;
  readonly recurrence: string;
  readonly startsOn: string;
  readonly endsOn: string | null;
  /** Whether it counts only from an instant of its first day or later. */
  readonly countsLater: boolean;
  readonly timeZone: string;
}

export interface Span {
  /** The first day of the first schedule. */
  readonly start: string;
  /** The last day of the last one; undefined while one has no end. A taper has the end that its version says. */
  readonly end: string | undefined;
  /** Whether a pause, and no end of its own, ended one of the schedules. */
  readonly isPaused: boolean;
  readonly timeZone: string;
}

/** From when until when the schedules of one medication plan doses; undefined when there are none. */
export function spanOf(plans: readonly PlanSpan[]): Span | undefined {
  const spans = versionsOf(plans).flatMap((versions) => spanOfSchedule(versions) ?? []);
  const [first] = spans;
  if (!first) return undefined;
  const ends = spans.flatMap(({ end }) => end ?? []);
  return {
    start: spans.map(({ start }) => start).reduce((a, b) => (a < b ? a : b)),
    end: ends.length < spans.length ? undefined : ends.reduce((a, b) => (a > b ? a : b)),
    isPaused: spans.some(({ isPaused }) => isPaused),
    timeZone: first.timeZone,
  };
}

function spanOfSchedule(versions: readonly PlanSpan[]): Span | undefined {
  const plans = versions.filter(({ recurrence }) => recurrence !== 'paused');
  const last = plans.at(-1);
  if (!last) return undefined;
  const start = plans.map(({ startsOn }) => startsOn).reduce((a, b) => (a < b ? a : b));
  const pause = versions[versions.indexOf(last) + 1];
  // On the first day of a pause that was made on it, the doses before count.
  const paused = pause && (pause.countsLater ? pause.startsOn : addDays(pause.startsOn, -1));
  const isPaused = paused !== undefined && (last.endsOn === null || paused < last.endsOn);
  const end = isPaused ? paused : (last.endsOn ?? undefined);
  return { start, end: end !== undefined && end < start ? start : end, isPaused, timeZone: last.timeZone };
}
