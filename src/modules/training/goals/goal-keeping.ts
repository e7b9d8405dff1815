import type { DaySpan } from '../../../records/define/define-record.js';
import { addDays, DAY_MS } from '../../../kernel/quantities/local-time.js';
import type { Basis } from './goal-progress.js';
import { ALL_DAYS } from './goal-marks.js';
import type { GoalMark } from './goal-mark.entity.js';
import type { GoalPeriod } from './goal-period.entity.js';
import type { Goal } from './goal.entity.js';
import { earlier, later, type Period, periodsOf, statusOf } from './goal-periods.js';
import type { PeriodValue } from './goal-values.js';
import { MAX_GOAL_DAYS } from './goals.record.js';

/** Periods that are computed and stored at a time. */
const PERIODS_AT_ONCE = 366;
/** A period that ended longer ago is met without an event: it is no news. */
const NEWS_DAYS = 7;

/** What is next to be computed of a goal. */
export interface KeepingStep {
  readonly goal: Goal;
  readonly mark: GoalMark;
  readonly basis: Basis;
  /** The days that are looked at. */
  readonly window: DaySpan;
  readonly periods: readonly Period[];
  /** Whether nothing is left after them. */
  readonly isLast: boolean;
}

/** The earliest of the periods that are not true any more; undefined if all are. */
export function stepOf(goal: Goal, mark: GoalMark, basis: Basis, today: string): KeepingStep | undefined {
  const first = firstKept(goal, today);
  const { staleFrom, staleTo, keptTo } = mark;
  const spans: DaySpan[] = [];
  if (mark.basis !== basis.basis || keptTo === null) spans.push(ALL_DAYS);
  if (staleFrom !== null && staleTo !== null) spans.push([staleFrom, staleTo]);
  // What has begun since, and what has ended: another day is counted in each.
  if (keptTo !== null && keptTo !== today) spans.push([earlier(keptTo, today), today]);
  const from = later(first, spans.map(([day]) => day).reduce(earlier, ALL_DAYS[1]));
  const to = earlier(today, spans.map(([, day]) => day).reduce(later, ALL_DAYS[0]));
  if (spans.length === 0) return undefined;
  const all = from <= to ? periodsOf(goal, from, to) : [];
  const periods = all.slice(0, PERIODS_AT_ONCE);
  return { goal, mark, basis, window: [from, to], periods, isLast: periods.length === all.length };
}

/** The first day of which periods are kept. */
export const firstKept = ({ startOn }: Goal, today: string): string =>
  later(startOn, addDays(today, 1 - MAX_GOAL_DAYS));

/**
 * The mark of a goal after a step.
 * @param open the days of periods that time alone may still change
 */
export function markAfter(step: KeepingStep, open: DaySpan | undefined, today: string): GoalMark {
  const { mark, basis, window, periods, isLast } = step;
  const rest: DaySpan | undefined = isLast ? open : [addDays(periods.at(-1)?.end ?? today, 1), window[1]];
  return {
    ...mark,
    staleFrom: rest?.[0] ?? null,
    staleTo: rest?.[1] ?? null,
    basis: basis.basis,
    keptTo: today,
  };
}

/** The days on which the rows of a step begin, those that the goal does not have any more among them. */
export function spanOf({ window: [from, to], periods, isLast }: KeepingStep, today: string): DaySpan {
  const last = periods.at(-1);
  const end = isLast ? (to === today ? ALL_DAYS[1] : later(to, last?.start ?? to)) : (last?.end ?? to);
  return [earlier(from, periods[0]?.start ?? from), end];
}

/** The days of periods that time alone may still change. */
export function openOf(values: readonly PeriodValue[], before: DaySpan | undefined): DaySpan | undefined {
  const spans = values.filter(({ isOpen }) => isOpen).map(({ start, end }): DaySpan => [start, end]);
  const all = before ? [before, ...spans] : spans;
  if (all.length === 0) return undefined;
  return [all.map(([day]) => day).reduce(earlier), all.map(([, day]) => day).reduce(later)];
}

/** The row of a computed period. */
export function rowOf(
  { goal, basis }: KeepingStep,
  { start, end, value, isPartial, coverage, isOpen }: PeriodValue,
  met: GoalPeriod | undefined,
  today: string,
  now: Date,
): GoalPeriod {
  const rollUp = basis.counted.subject?.rollUp ?? 'sum';
  const status = statusOf(goal, value, rollUp, end < today);
  // What is unknown of a sum may lie above an upper limit.
  const isCertain =
    !isPartial || rollUp !== 'sum' || goal.direction === 'at_least' || goal.direction === 'reach';
  const isSettled = isCertain && (end < today ? !isOpen : isSafe(goal, rollUp));
  return {
    userId: goal.userId,
    goalId: goal.id,
    startOn: start,
    endOn: end,
    countedTo: earlier(end, today),
    value,
    isPartial,
    known: coverage?.known ?? null,
    total: coverage?.total ?? null,
    status,
    metAt: met?.endOn === end ? met.metAt : status === 'met' && isSettled ? now : null,
  };
}

/** Whether time alone does not undo what is met before the period is over: a sum can only grow, a mean cannot be known yet. */
const isSafe = ({ direction }: Goal, rollUp: string): boolean =>
  direction === 'reach' ||
  direction === 'reduce_to' ||
  (direction === 'at_least' && (rollUp === 'sum' || rollUp === 'max'));

/** Whether it is news that a period is met. */
export const isNews = (
  { isArchived }: Goal,
  createdOn: string,
  { endOn }: GoalPeriod,
  today: string,
): boolean =>
  !isArchived && endOn >= createdOn && Date.parse(endOn) >= Date.parse(today) - NEWS_DAYS * DAY_MS;
