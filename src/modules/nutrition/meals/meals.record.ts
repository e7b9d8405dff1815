import { write } from '../../../kernel/http/answer.js';
import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { Meal } from './meal.entity.js';
import { sumsOf, total } from './meal-sums.js';
import { meals } from './meals.scopes.js';
import { MealDataDto, MealFieldsDto, MealItemDto } from './meals.dto.js';

/** Below the 64 KiB of the column on MySQL: room for 50 items, each with all nutrients and a long name. */
const MAX_ITEM_BYTES = 60_000;

export const mealRecord = defineRecord({
  kind: 'meal',
  entity: Meal,
  fields: MealFieldsDto,
  data: MealDataDto,
  // The day is computed from instant and time zone, so the two are one group.
  groups: [['eatenAt', 'timeZone'], ['mealType'], ['title'], ['note'], ['items']],
  timeline: { instant: 'eatenAt', day: 'localDate', resource: meals },
  check: faultsOfMeal,
  derive: ({ eatenAt, timeZone, items }) => ({
    localDate: localDay(eatenAt, timeZone),
    itemCount: items.length,
    ...total(items, 'energyKcal', 'energyKnown'),
    ...total(items, 'proteinG', 'proteinKnown'),
    ...total(items, 'carbsG', 'carbsKnown'),
    ...total(items, 'fatG', 'fatKnown'),
    nutrientSums: sumsOf(items),
  }),
});

/** Refuses items that do not fit into their column. */
function faultsOfMeal({ items }: Partial<MealFieldsDto>): FieldError[] {
  if (!items?.some(({ nutrients }) => nutrients)) return [];
  const text = JSON.stringify(items.map((item) => write(MealItemDto, item)));
  if (Buffer.byteLength(text) <= MAX_ITEM_BYTES) return [];
  return fault('items', 'out-of-range', `items must be at most ${MAX_ITEM_BYTES} bytes of JSON together`);
}
