import { fault } from '../../../kernel/http/problem.js';
import { defineRecord } from '../../../records/define/define-record.js';
import { favoriteId } from './favorite-id.js';
import { FoodFavorite } from './food-favorite.entity.js';
import { FoodFavoriteFieldsDto } from './food-favorites.dto.js';

export const foodFavoriteRecord = defineRecord({
  kind: 'food_favorite',
  // More than anybody can look through.
  most: 500,
  entity: FoodFavorite,
  fields: FoodFavoriteFieldsDto,
  data: FoodFavoriteFieldsDto,
  groups: [['foodId']],
  // With any other id, two devices that mark a food would make two records, and to unmark it would delete one of them.
  check: ({ foodId }, id) =>
    foodId === undefined || id === undefined || id === favoriteId(foodId)
      ? []
      : fault('food_id', 'invalid', `the favourite of this food must have the id ${favoriteId(foodId)}`),
});
