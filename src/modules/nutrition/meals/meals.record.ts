import { localDay } from '../../../kernel/quantities/local-day.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { faultsOfItems } from '../items/item-rules.js';
import { nutrientSumsOf, sumsOf } from '../items/item-sums.js';
import { Meal } from './meal.entity.js';
import { meals } from './meals.scopes.js';
import { MealDataDto, MealFieldsDto } from './meals.dto.js';

export const mealRecord = defineRecord({
  kind: 'meal',
  entity: Meal,
  fields: MealFieldsDto,
  data: MealDataDto,
  // The day is computed from instant and time zone, so the two are one group.
  groups: [['eatenAt', 'timeZone'], ['mealType'], ['title'], ['note'], ['items']],
  timeline: { instant: 'eatenAt', day: 'localDate', resource: meals },
  check: ({ items }) => faultsOfItems(items),
  derive: ({ eatenAt, timeZone, items }) => ({
    localDate: localDay(eatenAt, timeZone),
    ...sumsOf(items),
    nutrientSums: nutrientSumsOf(items),
  }),
});
