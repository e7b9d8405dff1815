import { Injectable } from '@nestjs/common';
import { checkDayRange } from '../../../kernel/http/day-range.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { DaySources } from './day-sources.js';
import type { Goal } from './goal.entity.js';
import {
  earlier,
  percentOf,
  periodsOf,
  type RollUp,
  statusOf,
  streaksOf,
  type Target,
} from './goal-periods.js';
import { GoalProgress, type Today } from './goal-progress.js';
import { type AskedPeriods, countedOf, NOTHING, type PeriodValue } from './goal-values.js';
import {
  type CreateGoalDto,
  type GoalPeriodDto,
  type GoalProgressDto,
  type GoalProgressQuery,
  type GoalStandingDto,
  type GoalStandingsDto,
  MAX_DAYS,
  type Unavailable,
  type UpdateGoalDto,
} from './goals.dto.js';
import { GoalsRepository } from './goals.repository.js';

/** Says how far goals are. */
@Injectable()
export class GoalsService {
  constructor(
    private readonly records: Records,
    private readonly sources: DaySources,
    private readonly all: GoalProgress,
    private readonly lock: PersonLock,
  ) {}

  /** @throws Problem `id-taken`, `quota-exceeded`, `validation` */
  async create(actor: Actor, { id, ...input }: CreateGoalDto): Promise<Goal> {
    return this.lock.hold(actor.userId, async () => {
      await this.check(actor, input);
      return this.of(actor).create(actor, id, { ...input });
    });
  }

  /** @throws Problem `not-found`, `version-conflict`, `validation` */
  async update(actor: Actor, id: string, { version, ...input }: UpdateGoalDto): Promise<Goal> {
    const goals = this.of(actor);
    // Under the lock, because another update may change the subject between the check and the write.
    return this.lock.hold(actor.userId, async () => {
      if (input.subject !== undefined || input.unit !== undefined)
        await this.check(actor, { ...(await goals.get(id)), ...input });
      return goals.update(actor, id, { ...input }, version);
    });
  }

  /** @throws Problem `validation` for a subject that the person does not have, or a unit that it does not have */
  private async check(actor: Actor, goal: Pick<Goal, 'subject' | 'unit'>): Promise<void> {
    const subject = (await this.sources.find(actor, [goal.subject])).get(goal.subject);
    if (!subject)
      throw invalidField(
        'subject',
        'not-allowed',
        `subject must be one of: ${this.sources.names.join(', ')}`,
      );
    if (!countedOf(goal, subject).unit)
      throw invalidField(
        'unit',
        'not-allowed',
        `unit must be one of: ${subject.units.map(({ unit }) => unit).join(', ')}`,
      );
  }

  /** @throws Problem `not-found`; `validation` if the days are in the wrong order, or too many */
  async progress(actor: Actor, id: string, { from, to }: GoalProgressQuery): Promise<GoalProgressDto> {
    const goal = await this.of(actor).get(id);
    checkDayRange({ from, to }, MAX_DAYS);
    const today = await this.all.today(actor);
    const periods = periodsOf(goal, from, earlier(to, today.day));
    const [answer] = await this.answers(actor, [{ goal, periods }], today);
    const { unit } = goal;
    return { unit, unavailable: answer?.unavailable ?? null, data: answer?.periods ?? [] };
  }

  /** Where the goals of today stand, of those whose values the actor may read. */
  async standings(actor: Actor): Promise<GoalStandingsDto> {
    const [today, all] = await Promise.all([this.all.today(actor), this.of(actor).all()]);
    const { day } = today;
    const asked = all
      .filter(({ isArchived, startOn, dueOn }) => !isArchived && startOn <= day && (dueOn ?? day) >= day)
      .filter(({ subject }) => this.sources.mayRead(actor, subject))
      .map((goal) => ({ goal, periods: periodsOf(goal, addDays(day, 1 - MAX_DAYS), day) }));
    const answers = await this.answers(actor, asked, today);
    return { localDate: day, data: answers.map((answer) => standingOf(answer, day)) };
  }

  /** The periods as they are shown. Without the scope of the area, an API key gets none of its values. */
  private async answers(actor: Actor, asked: readonly AskedPeriods[], today: Today): Promise<Answer[]> {
    const goals = asked.map(({ goal }) => goal);
    const bases = await this.all.basesOf(actor, goals, today);
    const readable = asked.filter(({ goal }) => this.sources.mayRead(actor, goal.subject));
    const values = await this.all.of(actor, readable, bases, today);
    return asked.map(({ goal, periods }) => {
      const what = bases.get(goal.id)?.counted;
      const rows = values.get(goal.id) ?? periods.map((period) => ({ ...period, ...NOTHING }));
      return {
        goal,
        unavailable: what?.unit ? null : what?.subject ? 'unit' : 'subject',
        periods: rows.map((row) => shown(goal, row, what?.subject?.rollUp ?? 'sum', today.day)),
      };
    });
  }

  private of({ userId }: Actor): GoalsRepository {
    return new GoalsRepository(this.records, person(userId));
  }
}

interface Answer {
  readonly goal: Goal;
  readonly unavailable: Unavailable | null;
  readonly periods: GoalPeriodDto[];
}

function standingOf({ goal, unavailable, periods }: Answer, today: string): GoalStandingDto {
  const last = periods.at(-1);
  const { current, longest } = streaksOf(
    periods.map(({ status }) => status),
    goal.allowedMisses ?? 0,
  );
  const isCurrent = last && last.start <= today && (last.end ?? today) >= today;
  const streaks = { currentStreak: current, longestStreak: longest };
  return { goal, unavailable, current: isCurrent ? last : null, ...streaks };
}

function shown(
  goal: Goal & Target,
  { start, end, value, isPartial, coverage }: PeriodValue,
  rollUp: RollUp,
  today: string,
): GoalPeriodDto {
  return {
    start,
    end: goal.period === 'total' && goal.dueOn === null ? null : end,
    value,
    percent: percentOf(goal, value),
    isPartial,
    coverage,
    status: statusOf(goal, value, rollUp, end < today),
  };
}
