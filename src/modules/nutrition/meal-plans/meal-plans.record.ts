import { fault, type FieldError } from '../../../kernel/http/problem.js';
import { defineRecord, type StoredRecords } from '../../../records/define/define-record.js';
import { faultsOfBytes, faultsOfSources } from '../items/item-rules.js';
import { MEAL_TYPE } from '../meal-types/meal-types.record.js';
import { MealPlan } from './meal-plan.entity.js';
import { MealPlanFieldsDto, PlannedMealDto } from './meal-plans.fields.js';

export const mealPlanRecord = defineRecord({
  kind: 'meal_plan',
  // More than anybody can choose from.
  most: 200,
  entity: MealPlan,
  fields: MealPlanFieldsDto,
  data: MealPlanFieldsDto,
  groups: [['name'], ['note'], ['meals']],
  // A plan takes only items that a meal takes: it could never be logged otherwise.
  check: ({ meals }) => [
    ...(meals ?? []).flatMap(({ items }, at) => faultsOfSources(items, `meals.${at}.items`)),
    ...(meals ? faultsOfBytes('meals', PlannedMealDto, meals) : []),
  ],
  refersTo: ({ meals }) => typesOf(meals).map((id) => ({ kind: MEAL_TYPE, id })),
  admit: faultsOfTypes,
});

const typesOf = (meals: readonly PlannedMealDto[] = []): string[] =>
  meals.flatMap(({ mealTypeId }) => mealTypeId ?? []);

/** By REST a plan gets no unknown or deleted meal type. One that it has stays, as in a meal. */
function faultsOfTypes(
  { meals }: Partial<MealPlanFieldsDto>,
  { current, find, isOnline }: StoredRecords<MealPlan>,
): FieldError[] {
  if (!isOnline || !meals) return [];
  const kept = new Set(typesOf(current?.meals));
  return meals.flatMap(({ mealTypeId: id }, at) => {
    if (!id || kept.has(id) || find({ kind: MEAL_TYPE, id })?.deletedAt === null) return [];
    const field = `meals.${at}.meal_type_id`;
    return fault(field, 'not-found', `${field} must name a meal type of yours that exists`);
  });
}
