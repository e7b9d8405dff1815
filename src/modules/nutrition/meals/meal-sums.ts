import { NutrientSumsDto, OTHER_NUTRIENTS } from './item-nutrients.dto.js';
import type { Meal } from './meal.entity.js';
import type { MealItemDto } from './meals.dto.js';

type Nutrient = 'energyKcal' | 'proteinG' | 'carbsG' | 'fatG';

/** The sum over the items with a known value, and their number. */
export function total(items: readonly MealItemDto[], nutrient: Nutrient, count: keyof Meal) {
  const known = items.flatMap((item) => item[nutrient] ?? []);
  return { [nutrient]: known.length === 0 ? null : added(known), [count]: known.length };
}

/** The sums of the other nutrients, with the number of items for which each is known. Null if nothing is known. */
export function sumsOf(items: readonly MealItemDto[]): NutrientSumsDto | null {
  const sums = new NutrientSumsDto();
  for (const nutrient of OTHER_NUTRIENTS) {
    const known = items.flatMap(({ nutrients }) => nutrients?.[nutrient] ?? []);
    if (known.length > 0) sums[nutrient] = { sum: added(known), known: known.length };
  }
  return Object.keys(sums).length === 0 ? null : sums;
}

/** Adds the sums of a meal to those of its day. */
export function addSums(day: NutrientSumsDto, meal: NutrientSumsDto): void {
  for (const nutrient of OTHER_NUTRIENTS) {
    const [before, more] = [day[nutrient], meal[nutrient]];
    if (more)
      day[nutrient] = { sum: (before?.sum ?? 0) + more.sum, known: (before?.known ?? 0) + more.known };
  }
}

const added = (values: readonly number[]): number => values.reduce((a, b) => a + b);
