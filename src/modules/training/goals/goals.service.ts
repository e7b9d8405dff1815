import { Injectable } from '@nestjs/common';
import { checkDayRange } from '../../../kernel/http/day-range.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { Clock } from '../../../platform/clock.js';
import type { DayUnit, DaySubject, DayValue } from '../../../records/define/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { UsersService } from '../../identity/public.js';
import { type DatedValue, DaySources } from './day-sources.js';
import type { Goal } from './goal.entity.js';
import {
  earlier,
  type Period,
  percentOf,
  periodsOf,
  rounded,
  statusOf,
  streaksOf,
  type Target,
  valueOf,
} from './goal-periods.js';
import {
  type CreateGoalDto,
  type GoalPeriodDto,
  type GoalProgressDto,
  type GoalProgressQuery,
  type GoalStandingDto,
  type GoalStandingsDto,
  MAX_DAYS,
  type UpdateGoalDto,
} from './goals.dto.js';
import { MAX_GOAL_DAYS } from './goals.record.js';
import { GoalsRepository } from './goals.repository.js';

/** Computes how far goals are, from the daily values of the areas. */
@Injectable()
export class GoalsService {
  constructor(
    private readonly records: Records,
    private readonly users: UsersService,
    private readonly sources: DaySources,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `id-taken`, `quota-exceeded`, `validation` */
  async create(actor: Actor, { id, ...input }: CreateGoalDto): Promise<Goal> {
    this.check(input);
    return this.of(actor).create(actor, id, { ...input });
  }

  /** @throws Problem `not-found`, `version-conflict`, `validation` */
  async update(actor: Actor, id: string, { version, ...input }: UpdateGoalDto): Promise<Goal> {
    const goals = this.of(actor);
    if (input.subject !== undefined || input.unit !== undefined)
      this.check({ ...(await goals.get(id)), ...input });
    return goals.update(actor, id, { ...input }, version);
  }

  /** @throws Problem `validation` for a subject that no area knows, or a unit that it does not have */
  private check({ subject, unit }: Pick<Goal, 'subject' | 'unit'>): void {
    const known = this.sources.find(subject);
    if (!known)
      throw invalidField(
        'subject',
        'not-allowed',
        `subject must be one of: ${this.sources.names.join(', ')}`,
      );
    if (!unitOf(known, unit))
      throw invalidField(
        'unit',
        'not-allowed',
        `unit must be one of: ${known.units.map((one) => one.unit).join(', ')}`,
      );
  }

  /** @throws Problem `not-found`; `validation` if the days are in the wrong order, or too many */
  async progress(actor: Actor, id: string, { from, to }: GoalProgressQuery): Promise<GoalProgressDto> {
    const goal = await this.of(actor).get(id);
    checkDayRange({ from, to }, MAX_DAYS);
    const today = await this.today(actor);
    const periods = periodsOf(goal, from, earlier(to, today));
    const first = firstOf(periods, today);
    const last = periods.at(-1)?.end ?? '';
    const values = await this.sources.valuesOf(actor, goal.subject, first, earlier(last, today));
    return { unit: goal.unit, data: this.valued(goal, periods, values, today) };
  }

  /** Where the goals of today stand, of those whose values the actor may read. Goals with one subject share the values of its days. */
  async standings(actor: Actor): Promise<GoalStandingsDto> {
    const [today, all] = await Promise.all([this.today(actor), this.of(actor).all()]);
    const goals = all
      .filter(
        ({ isArchived, startOn, dueOn }) => !isArchived && startOn <= today && (dueOn ?? today) >= today,
      )
      .filter(({ subject }) => this.sources.mayRead(actor, subject))
      .map((goal) => ({ goal, periods: periodsOf(goal, addDays(today, 1 - MAX_DAYS), today) }));
    const firsts = new Map<string, string>();
    for (const { goal, periods } of goals) {
      const first = firstOf(periods, today);
      firsts.set(goal.subject, earlier(first, firsts.get(goal.subject) ?? first));
    }
    const values = new Map<string, readonly DatedValue[]>();
    for (const [subject, first] of firsts)
      values.set(subject, await this.sources.valuesOf(actor, subject, first, today));
    const data = goals.map(({ goal, periods }) =>
      this.standing(goal, periods, values.get(goal.subject) ?? [], today),
    );
    return { localDate: today, data };
  }

  private standing(
    goal: Goal,
    all: readonly Period[],
    values: readonly DatedValue[],
    today: string,
  ): GoalStandingDto {
    const periods = this.valued(goal, all, values, today);
    const last = periods.at(-1);
    const { current, longest } = streaksOf(
      periods.map(({ status }) => status),
      goal.allowedMisses ?? 0,
    );
    const isCurrent = last && last.start <= today && (last.end ?? today) >= today;
    return { goal, current: isCurrent ? last : null, currentStreak: current, longestStreak: longest };
  }

  /** Each period with its value. Both lists begin with the earliest day, so each value is looked at once. */
  private valued(
    goal: Goal,
    periods: readonly Period[],
    values: readonly DatedValue[],
    today: string,
  ): GoalPeriodDto[] {
    const subject = this.sources.find(goal.subject);
    let next = 0;
    return periods.map((period) => {
      const days: DayValue[] = [];
      for (let one = values[next]; one && one[0] <= period.end; one = values[++next])
        if (one[0] >= period.start) days.push(one[1]);
      return periodOf(goal, period, subject, days, today);
    });
  }

  private of({ userId }: Actor): GoalsRepository {
    return new GoalsRepository(this.records, person(userId));
  }

  private async today({ userId }: Actor): Promise<string> {
    return localDay(this.clock.date(), (await this.users.get(userId)).timeZone);
  }
}

const unitOf = ({ units }: DaySubject, name: string): DayUnit | undefined =>
  units.find(({ unit }) => unit === name);

/** The first day whose value is needed. A total without an end counts the last ten years. */
function firstOf([first]: readonly Period[], today: string): string {
  const earliest = addDays(today, 1 - MAX_GOAL_DAYS);
  return first === undefined || first.start < earliest ? earliest : first.start;
}

/** Values are compared as they are shown: in the unit of the goal, with six decimals. */
function periodOf(
  goal: Goal & Target,
  { start, end }: Period,
  subject: DaySubject | undefined,
  days: readonly DayValue[],
  today: string,
): GoalPeriodDto {
  const unit = subject && unitOf(subject, goal.unit);
  const rollUp = subject?.rollUp ?? 'sum';
  const found = unit && valueOf(days, rollUp);
  const value = unit && found && rounded((found.value - unit.offset) / unit.factor);
  return {
    start,
    end: goal.period === 'total' && goal.dueOn === null ? null : end,
    value: value ?? null,
    percent: percentOf(goal, value),
    isPartial: found?.isPartial ?? false,
    status: statusOf(goal, value, rollUp, end < today),
  };
}
