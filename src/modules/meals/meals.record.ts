import { localDay } from '../../kernel/quantities/local-day.js';
import { defineRecord } from '../../kernel/records/record.js';
import { Meal, type MealItem } from './meal.entity.js';
import { MealDataDto, MealFieldsDto } from './meals.dto.js';

export const mealRecord = defineRecord({
  kind: 'meal',
  entity: Meal,
  fields: MealFieldsDto,
  data: MealDataDto,
  // The day follows from the instant and the place together.
  groups: [['eaten_at', 'time_zone'], ['meal_type'], ['title'], ['note'], ['items']],
  derive: ({ eatenAt, timeZone, items }) => ({
    localDate: localDay(eatenAt, timeZone),
    itemCount: items.length,
    ...total(items, 'energy_kcal', 'energyKcal', 'energyKnown'),
    ...total(items, 'protein_g', 'proteinG', 'proteinKnown'),
    ...total(items, 'carbs_g', 'carbsG', 'carbsKnown'),
    ...total(items, 'fat_g', 'fatG', 'fatKnown'),
  }),
});

type Nutrient = 'energy_kcal' | 'protein_g' | 'carbs_g' | 'fat_g';

/** The sum over the items of which it is known, and how many those are. */
function total(items: readonly MealItem[], nutrient: Nutrient, sum: keyof Meal, count: keyof Meal) {
  const known = items.flatMap((item) => item[nutrient] ?? []);
  return { [sum]: known.length === 0 ? null : known.reduce((a, b) => a + b), [count]: known.length };
}
