import { localDay } from '../../../kernel/quantities/local-day.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { Meal } from './meal.entity.js';
import { meals } from './meals.scopes.js';
import { MealDataDto, MealFieldsDto, type MealItemDto } from './meals.dto.js';

export const mealRecord = defineRecord({
  kind: 'meal',
  entity: Meal,
  fields: MealFieldsDto,
  data: MealDataDto,
  // The day is computed from instant and time zone, so the two are one group.
  groups: [['eatenAt', 'timeZone'], ['mealType'], ['title'], ['note'], ['items']],
  timeline: { instant: 'eatenAt', day: 'localDate', resource: meals },
  derive: ({ eatenAt, timeZone, items }) => ({
    localDate: localDay(eatenAt, timeZone),
    itemCount: items.length,
    ...total(items, 'energyKcal', 'energyKnown'),
    ...total(items, 'proteinG', 'proteinKnown'),
    ...total(items, 'carbsG', 'carbsKnown'),
    ...total(items, 'fatG', 'fatKnown'),
  }),
});

type Nutrient = 'energyKcal' | 'proteinG' | 'carbsG' | 'fatG';

/** The sum over the items with a known value, and their number. */
function total(items: readonly MealItemDto[], nutrient: Nutrient, count: keyof Meal) {
  const known = items.flatMap((item) => item[nutrient] ?? []);
  return { [nutrient]: known.length === 0 ? null : known.reduce((a, b) => a + b), [count]: known.length };
}
