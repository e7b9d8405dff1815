import { Injectable } from '@nestjs/common';
import { addDays } from '../../../kernel/quantities/local-time.js';
import { grouped } from '../../../platform/grouped.js';
import type { DaySubject, DayUnit, DayValue, OfPerson } from '../../../records/define/person/day-values.js';
import { type DatedValue, type DatedValues, DaySources } from './day-sources.js';
import type { Goal } from './goal.entity.js';
import { earlier, later, type Period, type Rolled, rounded, valueOf } from './goal-periods.js';
import { MAX_GOAL_DAYS } from './goals.record.js';

/** A goal and some of its periods, the earliest first. */
export interface AskedPeriods {
  readonly goal: Goal;
  readonly periods: readonly Period[];
}

/** A period with its value in the unit of the goal. */
export interface PeriodValue extends Period, Rolled {}

/** What a goal counts, and in which unit; undefined for what the person, or this version of the service, does not have. */
export interface Counted {
  readonly subject: DaySubject | undefined;
  readonly unit: DayUnit | undefined;
}

/** Computes what periods are worth, from the daily values of the areas. */
@Injectable()
export class GoalValues {
  constructor(private readonly sources: DaySources) {}

  /** What some goals of a person count. */
  async counted(person: OfPerson, goals: readonly Goal[]): Promise<ReadonlyMap<string, Counted>> {
    const found = await this.sources.find(
      person,
      goals.map(({ subject }) => subject),
    );
    return new Map(goals.map((goal) => [goal.id, countedOf(goal, found.get(goal.subject))]));
  }

  /** The values of periods, by goal. Goals that need the same days share what is read. */
  async of(
    person: OfPerson,
    asked: readonly AskedPeriods[],
    counted: ReadonlyMap<string, Counted>,
    today: string,
  ): Promise<ReadonlyMap<string, PeriodValue[]>> {
    const all = new Map<string, PeriodValue[]>();
    const known = asked.filter(({ goal, periods }) => counted.get(goal.id)?.unit && periods.length > 0);
    const spans = grouped(known, ({ periods }) => spanOf(periods, today).join(' '));
    for (const [span, own] of spans) {
      const [from = '', to = ''] = span.split(' ');
      const subjects = own.map(({ goal }) => goal.subject);
      const values = await this.sources.valuesOf(person, subjects, from, to);
      for (const one of own) all.set(one.goal.id, valuesOf(one, values, counted.get(one.goal.id), today));
    }
    for (const { goal, periods } of asked)
      if (!all.has(goal.id))
        all.set(
          goal.id,
          periods.map((period) => ({ ...period, ...NOTHING })),
        );
    return all;
  }
}

export const NOTHING: Rolled = { value: null, isPartial: false, coverage: null, isOpen: false };

export function countedOf({ unit: name }: Pick<Goal, 'unit'>, subject: DaySubject | undefined): Counted {
  return { subject, unit: subject?.units.find(({ unit }) => unit === name) };
}

/** The first and the last day whose value is needed. A total without an end counts the last ten years. */
function spanOf(periods: readonly Period[], today: string): [string, string] {
  const earliest = addDays(today, 1 - MAX_GOAL_DAYS);
  return [later(periods[0]?.start ?? '', earliest), earlier(periods.at(-1)?.end ?? '', today)];
}

/** Each period with its value. Both lists begin with the earliest day, so each value is looked at once. */
function valuesOf(
  { goal, periods }: AskedPeriods,
  all: DatedValues,
  { subject, unit }: Counted = { subject: undefined, unit: undefined },
  today: string,
): PeriodValue[] {
  const values: readonly DatedValue[] = all.get(goal.subject) ?? [];
  let next = 0;
  return periods.map((period) => {
    const days: DayValue[] = [];
    for (let one = values[next]; one && one[0] <= earlier(period.end, today); one = values[++next])
      if (one[0] >= period.start) days.push(one[1]);
    const found = valueOf(days, subject?.rollUp ?? 'sum');
    // Values are compared as they are shown: in the unit of the goal, with six decimals.
    const value = unit && found.value !== null ? rounded((found.value - unit.offset) / unit.factor) : null;
    return { ...period, ...found, value };
  });
}
