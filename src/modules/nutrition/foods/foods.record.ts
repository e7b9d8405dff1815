import { defineRecord } from '../../../records/define/define-record.js';
import { searchText } from './folding.js';
import { Food } from './food.entity.js';
import { faultsOfFood } from './food-rules.js';
import { FoodDataDto, FoodFieldsDto } from './foods.dto.js';
import { kilocalories } from './nutrients.js';

/** A search reads the words of all foods of a person, so their number is bounded. */
export const MAX_FOODS = 10_000;

export const foodRecord = defineRecord({
  kind: 'food',
  most: MAX_FOODS,
  entity: Food,
  fields: FoodFieldsDto,
  data: FoodDataDto,
  groups: [
    ['name'],
    ['brand'],
    ['barcode'],
    // The basis decides which nutrients are possible, and in which unit servings are.
    ['basis', 'nutrients', 'servings'],
    ['category'],
    ['language'],
    ['source', 'sourceRef', 'sourceLicence'],
  ],
  check: faultsOfFood,
  derive: ({ name, brand, nutrients }) => ({
    energyKcal: kilocalories(nutrients),
    searchText: searchText(name, brand),
  }),
});
