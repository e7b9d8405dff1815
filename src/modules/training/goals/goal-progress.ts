import { Injectable } from '@nestjs/common';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { Clock } from '../../../platform/clock.js';
import { grouped } from '../../../platform/grouped.js';
import type { OfPerson } from '../../../records/define/person/day-values.js';
import { UsersService } from '../../identity/public.js';
import { basisOf } from './goal-basis.js';
import { DaySources } from './day-sources.js';
import type { Goal } from './goal.entity.js';
import { earlier, type Period } from './goal-periods.js';
import { type AskedPeriods, type Counted, GoalValues, type PeriodValue } from './goal-values.js';
import { type KeptPeriod, KeptPeriodsRepository } from './kept-periods.repository.js';

/** Where a person is in time. */
export interface Today {
  readonly day: string;
  readonly timeZone: string;
}

/** What goals count, and on which basis their periods are kept. */
export interface Basis {
  readonly counted: Counted;
  readonly basis: string;
}

/**
 * The periods of goals as they are now: those that are kept and still true, and the others computed. Without any kept period,
 * every answer is the same.
 */
@Injectable()
export class GoalProgress {
  constructor(
    private readonly users: UsersService,
    private readonly sources: DaySources,
    private readonly values: GoalValues,
    private readonly kept: KeptPeriodsRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `session-revoked` when the account was deleted */
  async today({ userId }: OfPerson): Promise<Today> {
    const { timeZone } = await this.users.get(userId);
    return { day: localDay(this.clock.date(), timeZone), timeZone };
  }

  async basesOf(
    person: OfPerson,
    goals: readonly Goal[],
    { timeZone }: Today,
  ): Promise<ReadonlyMap<string, Basis>> {
    const all = await this.values.counted(person, goals);
    return new Map(
      goals.map((goal) => {
        const counted = all.get(goal.id) ?? { subject: undefined, unit: undefined };
        const zone = this.sources.dependsOnZone(goal.subject) ? timeZone : null;
        return [goal.id, { counted, basis: basisOf(goal, counted, zone) }];
      }),
    );
  }

  /** The periods, by goal. */
  async of(
    person: OfPerson,
    asked: readonly AskedPeriods[],
    bases: ReadonlyMap<string, Basis>,
    today: Today,
  ): Promise<ReadonlyMap<string, readonly PeriodValue[]>> {
    const kept = await this.find(person, asked);
    const missing: AskedPeriods[] = asked.map(({ goal, periods }) => {
      const basis = bases.get(goal.id)?.basis;
      const own = kept.get(goal.id);
      return { goal, periods: periods.filter((one) => !isTrue(own?.get(one.start), one, basis, today.day)) };
    });
    const computed = await this.compute(person, missing, bases, today);
    return new Map(
      asked.map(({ goal, periods }) => {
        const rows = new Map<string, PeriodValue>(kept.get(goal.id));
        for (const row of computed.get(goal.id) ?? []) rows.set(row.start, row);
        return [goal.id, periods.flatMap(({ start }) => rows.get(start) ?? [])];
      }),
    );
  }

  /** The same from the records alone. */
  compute(
    person: OfPerson,
    asked: readonly AskedPeriods[],
    bases: ReadonlyMap<string, Basis>,
    { day }: Today,
  ): Promise<ReadonlyMap<string, readonly PeriodValue[]>> {
    const counted = new Map([...bases].map(([id, one]) => [id, one.counted]));
    return this.values.of(person, asked, counted, day);
  }

  /** What is kept of them. Goals whose periods begin on the same days are read together. */
  private async find({ userId }: OfPerson, asked: readonly AskedPeriods[]) {
    const all = new Map<string, ReadonlyMap<string, KeptPeriod>>();
    const spans = grouped(asked, ({ periods }) => `${periods[0]?.start} ${periods.at(-1)?.start}`);
    for (const own of spans.values()) {
      const periods = own[0]?.periods ?? [];
      const [first, last] = [periods[0], periods.at(-1)];
      if (!first || !last) continue;
      const ids = own.map(({ goal }) => goal.id);
      for (const [id, rows] of await this.kept.find(userId, ids, [first.start, last.start]))
        all.set(id, rows);
    }
    return all;
  }
}

/** Whether a kept period is still true. */
function isTrue(
  kept: KeptPeriod | undefined,
  { start, end }: Period,
  basis: string | undefined,
  today: string,
) {
  if (!kept || kept.basis !== basis || kept.end !== end || kept.countedTo !== earlier(end, today))
    return false;
  const { staleFrom, staleTo } = kept;
  return staleFrom === null || staleTo === null || staleFrom > end || staleTo < start;
}
