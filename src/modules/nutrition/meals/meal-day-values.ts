import { Injectable } from '@nestjs/common';
import { camelCase } from '../../../platform/database/naming.js';
import {
  DaySource,
  type DaySubject,
  type DayUnit,
  type DayValue,
  type DayValues,
  type OfPerson,
} from '../../../records/define/person/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { KILOJOULES, NUTRIENTS, type NutrientUnit } from '../foods/nutrients.js';
import type { NutrientSumsDto } from '../items/item-nutrients.dto.js';
import { mealRecord } from './meals.record.js';
import { MealsRepository } from './meals.repository.js';
import type { MealDayDto } from './meals.dto.js';
import { meals } from './meals.scopes.js';

const PREFIX = 'nutrient:';

/** How many canonical units another unit has, by the canonical one. Energy is summed in kilocalories only. */
const UNITS: Readonly<Partial<Record<NutrientUnit, Readonly<Record<string, number>>>>> = {
  kcal: { kcal: 1, kJ: 1 / KILOJOULES },
  g: { g: 1, mg: 1 / 1_000 },
  mg: { mg: 1, g: 1_000, ug: 1 / 1_000 },
  ug: { ug: 1, mg: 1_000 },
};

/** The sums that a day has beside its other nutrients. */
const OWN = {
  energy_kcal: ['energyKcal', 'energyKnown'],
  protein_g: ['proteinG', 'proteinKnown'],
  carbs_g: ['carbsG', 'carbsKnown'],
  fat_g: ['fatG', 'fatKnown'],
} as const;

const unitsOf = (unit: NutrientUnit): DayUnit[] =>
  Object.entries(UNITS[unit] ?? {}).map(([name, factor]) => ({ unit: name, factor, offset: 0 }));

const subjects: ReadonlyMap<string, DaySubject> = new Map(
  NUTRIENTS.filter(({ unit }) => UNITS[unit]).map(({ key, unit }) => [
    PREFIX + key,
    { units: unitsOf(unit), rollUp: 'sum' },
  ]),
);

const keyOf = (subject: string): string => subject.slice(PREFIX.length);
const ownOf = (key: string) => (Object.hasOwn(OWN, key) ? OWN[key as keyof typeof OWN] : undefined);

/** The nutrients that were eaten, by day. */
@Injectable()
export class MealDayValues extends DaySource {
  readonly resource = meals;
  readonly names = [...subjects.keys()];
  readonly kinds = [mealRecord.kind];

  constructor(private readonly records: Records) {
    super();
  }

  has(subject: string): boolean {
    return subjects.has(subject);
  }

  async find(): Promise<ReadonlyMap<string, DaySubject>> {
    return subjects;
  }

  /** Meals are read once, whatever is asked for. */
  async valuesOf(
    { userId }: OfPerson,
    asked: readonly string[],
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValues>> {
    const repository = new MealsRepository(this.records, person(userId));
    const hasOnlyOwn = asked.every((subject) => ownOf(keyOf(subject)));
    const days = hasOnlyOwn ? await repository.totals(from, to) : await repository.days(from, to);
    return new Map(
      asked.map((subject) => [
        subject,
        new Map(days.map((day) => [day.localDate, valueOf(day, keyOf(subject))])),
      ]),
    );
  }
}

function valueOf(
  day: Omit<MealDayDto, 'nutrients'> & { readonly nutrients?: NutrientSumsDto },
  key: string,
): DayValue {
  const own = ownOf(key);
  const other = day.nutrients?.[camelCase(key) as keyof NutrientSumsDto];
  const [value, known] = own ? [day[own[0]], day[own[1]]] : [other?.sum ?? null, other?.known ?? 0];
  const coverage = { known, total: day.itemCount };
  return { value, weight: 1, isPartial: known < day.itemCount, coverage };
}
