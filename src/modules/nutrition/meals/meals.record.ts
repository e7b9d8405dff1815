import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { localDay } from '../../../kernel/quantities/local-day.js';
import { defineRecord, type StoredRecords } from '../../../records/define/define-record.js';
import { faultsOfItems } from '../items/item-rules.js';
import { nutrientSumsOf, sumsOf } from '../items/item-sums.js';
import { MEAL_TYPE } from '../meal-types/meal-types.record.js';
import { Meal } from './meal.entity.js';
import { meals } from './meals.scopes.js';
import { MealDataDto, MealFieldsDto } from './meals.dto.js';

export const mealRecord = defineRecord({
  kind: 'meal',
  entity: Meal,
  fields: MealFieldsDto,
  data: MealDataDto,
  // The day is computed from instant and time zone, so the two are one group.
  groups: [['eatenAt', 'timeZone'], ['mealType'], ['mealTypeId'], ['title'], ['note'], ['items']],
  addedLater: ['mealTypeId'],
  timeline: { instant: 'eatenAt', day: 'localDate', resource: meals },
  check: ({ items }) => faultsOfItems(items),
  refersTo: ({ mealTypeId }) => (mealTypeId ? [{ kind: MEAL_TYPE, id: mealTypeId }] : []),
  admit: faultsOfMealType,
  derive: ({ eatenAt, timeZone, items, mealTypeId }) => ({
    mealTypeId: mealTypeId ?? null,
    localDate: localDay(eatenAt, timeZone),
    ...sumsOf(items),
    nutrientSums: nutrientSumsOf(items),
  }),
});

/** By REST a meal gets no unknown or deleted meal type. One that it has stays, also after the meal type was deleted. */
function faultsOfMealType(
  { mealTypeId }: Partial<MealFieldsDto>,
  { current, find, isOnline }: StoredRecords<Meal>,
): FieldError[] {
  if (!isOnline || !mealTypeId || mealTypeId === current?.mealTypeId) return [];
  const type = find({ kind: MEAL_TYPE, id: mealTypeId });
  return type && type.deletedAt === null
    ? []
    : fault('meal_type_id', 'not-found', 'meal_type_id must name a meal type of yours that exists');
}
