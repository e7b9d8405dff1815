import { defineRecord } from '../../../records/define/define-record.js';
import { faultsOfItems } from '../items/item-rules.js';
import { nutrientSumsOf, sumsOf } from '../items/item-sums.js';
import { Recipe } from './recipe.entity.js';
import { faultsOfNesting, faultsOfParts, gatherNesting, partsOf, RECIPE } from './recipe-nesting.js';
import { RecipeDataDto, RecipeFieldsDto } from './recipes.dto.js';

/** A recipe that contains others is compared with all of them, so their number is bounded. */
export const MAX_RECIPES = 2_000;

export const recipeRecord = defineRecord({
  kind: RECIPE,
  most: MAX_RECIPES,
  entity: Recipe,
  fields: RecipeFieldsDto,
  data: RecipeDataDto,
  groups: [
    ['name'],
    ['note'],
    ['instructions'],
    // Servings and yield say what the items make together.
    ['servings', 'yieldG', 'items'],
  ],
  check: ({ items }) => [...faultsOfItems(items), ...faultsOfParts(items)],
  gather: gatherNesting,
  admit: faultsOfNesting,
  derive: ({ items }) => {
    const partIds = partsOf(items);
    return { partIds, partCount: partIds.length, ...sumsOf(items), nutrients: nutrientSumsOf(items) ?? {} };
  },
});
