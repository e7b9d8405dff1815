import { defineRecord } from '../../../records/define/define-record.js';
import { MealType } from './meal-type.entity.js';
import { OwnMealTypeFieldsDto } from './meal-types.dto.js';

export const MEAL_TYPE = 'meal_type';

export const mealTypeRecord = defineRecord({
  kind: MEAL_TYPE,
  // More than an app can offer.
  most: 100,
  entity: MealType,
  fields: OwnMealTypeFieldsDto,
  data: OwnMealTypeFieldsDto,
  groups: [['name'], ['defaultTime'], ['position'], ['isHidden']],
});
