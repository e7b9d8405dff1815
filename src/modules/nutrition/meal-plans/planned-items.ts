import { type FieldError, Problem } from '../../../kernel/http/problem.js';
import type { MealItemDto } from '../items/meal-item.dto.js';
import type { PlannedMealDto } from './meal-plans.fields.js';

/** The items of all meals, one after the other. */
export const itemsOf = (meals: readonly PlannedMealDto[]): MealItemDto[] =>
  meals.flatMap(({ items }) => items);

/** The meals with other items, which are in the order of {@link itemsOf}. */
export function withItems(meals: readonly PlannedMealDto[], items: readonly MealItemDto[]): PlannedMealDto[] {
  let from = 0;
  return meals.map((meal) => ({ ...meal, items: items.slice(from, (from += meal.items.length)) }));
}

/** Does work with the items of all meals. Where it refuses an item, the error names the meal, too. */
export async function namingMeals<T>(meals: readonly PlannedMealDto[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || !error.options.errors) throw error;
    throw new Problem(error.code, { ...error.options, errors: error.options.errors.map(inMeal(meals)) });
  }
}

const inMeal =
  (meals: readonly PlannedMealDto[]) =>
  (error: FieldError): FieldError => {
    const [, index, rest] = /^items\.(\d+)(.*)$/.exec(error.field) ?? [];
    if (index === undefined) return error;
    const places = meals.flatMap(({ items }, meal) => items.map((_, at) => `meals.${meal}.items.${at}`));
    const field = `${places[Number(index)]}${rest}`;
    return { ...error, field, message: error.message.replaceAll(error.field, field) };
  };
