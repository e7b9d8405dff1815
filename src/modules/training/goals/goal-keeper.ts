import { Injectable } from '@nestjs/common';
import { Events } from '../../../kernel/events/events.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { addDays, startOfDay } from '../../../kernel/quantities/local-time.js';
import { Clock } from '../../../platform/clock.js';
import type { DaySpan } from '../../../records/define/define-record.js';
import { person } from '../../../records/define/person/person.owner.js';
import { ChangeSequence } from '../../../records/write/change-sequence.js';
import { Records } from '../../../records/write/records.js';
import {
  firstKept,
  isNews,
  type KeepingStep,
  markAfter,
  openOf,
  rowOf,
  spanOf,
  stepOf,
} from './goal-keeping.js';
import { ALL_DAYS } from './goal-marks.js';
import type { GoalMark } from './goal-mark.entity.js';
import { GoalMet } from './goal-met.js';
import { GoalProgress, type Today } from './goal-progress.js';
import type { PeriodValue } from './goal-values.js';
import { GoalsPolicy } from './goals.policy.js';
import { MAX_GOALS } from './goals.record.js';
import { GoalsRepository } from './goals.repository.js';
import { KeptPeriodsRepository } from './kept-periods.repository.js';

/** Goals that are stored in one transaction, each with at most a year of days: nobody waits for long. */
const STEPS_AT_ONCE = 4;

/** What one visit has found out about goals, by their ids. */
interface Visit {
  /** The mark up to which a goal is kept. */
  readonly kept: Map<string, number>;
  /** The days of periods that time alone may still change. */
  readonly open: Map<string, DaySpan>;
}

/** Computes the periods that are marked, or that have begun or ended, stores them, and tells which are met. */
@Injectable()
export class GoalKeeper {
  constructor(
    private readonly records: Records,
    private readonly sequence: ChangeSequence,
    private readonly progress: GoalProgress,
    private readonly periods: KeptPeriodsRepository,
    private readonly events: Events,
    private readonly policy: GoalsPolicy,
    private readonly clock: Clock,
  ) {}

  /**
   * Brings all periods of a person's goals up to date.
   * @param done gets the time of the next visit, in the transaction that finds that nothing is left; null without goals
   */
  async visit(
    userId: string,
    isStopping: () => boolean,
    done: (next: Date | null) => Promise<void>,
  ): Promise<void> {
    const visit: Visit = { kept: new Map(), open: new Map() };
    const today = await this.progress.today({ userId });
    for (let steps = await this.stepsOf(userId, visit, today); steps.length > 0 && !isStopping();) {
      // Whoever writes faster than their goals are computed comes again after the others.
      if (!(await this.keep(userId, steps.slice(0, STEPS_AT_ONCE), visit, today))) break;
      steps = await this.stepsOf(userId, visit, today);
    }
    await this.sequence.change(person(userId), async (order) => {
      // On a cluster, two nodes notice that they write at the same time only when they write one row.
      order.boundary();
      await done(this.nextVisit(visit, await this.periods.marksOf(userId), today));
    });
  }

  private nextVisit(visit: Visit, marks: readonly GoalMark[], today: Today): Date | null {
    const now = this.clock.date();
    const midnight = startOfDay(addDays(today.day, 1), today.timeZone);
    const soon = new Date(now.getTime() + this.policy.openMs);
    // Goals beyond the limit, which only come back from a deletion, are computed when they are read.
    const some = marks.filter(({ goalId }) => marks.length <= MAX_GOALS || visit.kept.has(goalId));
    if (some.some(({ goalId, marks: count }) => visit.kept.get(goalId) !== count)) return now;
    if (marks.length === 0) return null;
    return visit.open.size > 0 && soon < midnight ? soon : midnight;
  }

  /** What is next of each goal that has something to compute. */
  private async stepsOf(userId: string, { kept }: Visit, today: Today): Promise<KeepingStep[]> {
    // The marks are read before what is computed: what is written meanwhile marks again.
    const marks = new Map((await this.periods.marksOf(userId)).map((mark) => [mark.goalId, mark]));
    const goals = await new GoalsRepository(this.records, person(userId)).all();
    const bases = await this.progress.basesOf({ userId }, goals, today);
    return goals.flatMap((goal) => {
      const [mark, basis] = [marks.get(goal.id), bases.get(goal.id)];
      if (!mark || !basis || kept.get(goal.id) === mark.marks) return [];
      const step = stepOf(goal, mark, basis, today.day);
      if (!step) kept.set(goal.id, mark.marks);
      return step ?? [];
    });
  }

  /** Computes and stores some steps. @returns whether any of them is stored: none is if all were marked meanwhile */
  private async keep(
    userId: string,
    steps: readonly KeepingStep[],
    visit: Visit,
    today: Today,
  ): Promise<boolean> {
    const bases = new Map(steps.map(({ goal, basis }) => [goal.id, basis]));
    const values = await this.progress.compute({ userId }, steps, bases, today);
    return this.sequence.change(person(userId), async (order) => {
      const marks = new Map((await this.periods.marksOf(userId)).map((mark) => [mark.goalId, mark.marks]));
      const current = steps.filter(({ goal, mark }) => marks.get(goal.id) === mark.marks);
      if (current.length === 0) return false;
      order.boundary();
      const events: GoalMet[] = [];
      for (const step of current)
        events.push(...(await this.store(step, values.get(step.goal.id) ?? [], visit, today)));
      await this.events.publishLocked(events, userId);
      return true;
    });
  }

  /** Stores the periods of one goal. @returns the events of those that are met now */
  private async store(
    step: KeepingStep,
    values: readonly PeriodValue[],
    visit: Visit,
    today: Today,
  ): Promise<GoalMet[]> {
    const { goal, mark, isLast } = step;
    const { userId, id } = goal;
    const span = spanOf(step, today.day);
    const met = new Map((await this.periods.metOf(userId, id, span)).map((one) => [one.startOn, one]));
    const now = this.clock.date();
    const rows = values.map((value) => rowOf(step, value, met.get(value.start), today.day, now));
    const open = openOf(values, visit.open.get(id));
    if (open) visit.open.set(id, open);
    await this.periods.remove(userId, id, span, today.day);
    // Also those before the first day that is kept: days pass, and a goal may begin later than it did.
    if (isLast)
      await this.periods.remove(
        userId,
        id,
        [ALL_DAYS[0], addDays(firstKept(goal, today.day), -1)],
        today.day,
      );
    await this.periods.put(rows, [markAfter(step, open, today.day)]);
    if (isLast) visit.kept.set(id, mark.marks);
    const createdOn = localDay(goal.createdAt, today.timeZone);
    return rows
      .filter((row) => row.metAt === now && isNews(goal, createdOn, row, today.day))
      .map(({ startOn, endOn }) => new GoalMet(userId, id, goal.period, startOn, endOn));
  }
}
