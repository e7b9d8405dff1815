import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { DaySource, type DaySubject, type DayValue } from '../../../records/define/day-values.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { KILOJOULES } from '../foods/nutrients.js';
import { MealsRepository } from './meals.repository.js';
import { meals } from './meals.scopes.js';

const ENERGY = [
  { unit: 'kcal', factor: 1, offset: 0 },
  { unit: 'kJ', factor: 1 / KILOJOULES, offset: 0 },
];
const MASS = [{ unit: 'g', factor: 1, offset: 0 }];

const NUTRIENTS = {
  'nutrient:energy_kcal': ['energyKcal', 'energyKnown', ENERGY],
  'nutrient:protein_g': ['proteinG', 'proteinKnown', MASS],
  'nutrient:carbs_g': ['carbsG', 'carbsKnown', MASS],
  'nutrient:fat_g': ['fatG', 'fatKnown', MASS],
} as const;

const nutrientOf = (subject: string) =>
  Object.hasOwn(NUTRIENTS, subject) ? NUTRIENTS[subject as keyof typeof NUTRIENTS] : undefined;

/** The nutrients that were eaten, by day. */
@Injectable()
export class MealDayValues extends DaySource {
  readonly resource = meals;
  readonly names = Object.keys(NUTRIENTS);

  constructor(private readonly records: Records) {
    super();
  }

  find(subject: string): DaySubject | undefined {
    const nutrient = nutrientOf(subject);
    return nutrient && { units: nutrient[2], rollUp: 'sum' };
  }

  async valuesOf(
    { userId }: Actor,
    subject: string,
    from: string,
    to: string,
  ): Promise<ReadonlyMap<string, DayValue>> {
    const values = new Map<string, DayValue>();
    const nutrient = nutrientOf(subject);
    if (!nutrient) return values;
    const [sum, known] = nutrient;
    for (const day of await new MealsRepository(this.records, person(userId)).totals(from, to)) {
      const value = day[sum];
      if (value === null) continue;
      values.set(day.localDate, { value, weight: 1, isPartial: day[known] < day.itemCount });
    }
    return values;
  }
}
