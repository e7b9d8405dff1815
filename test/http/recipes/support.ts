import type { Json } from '../foods/support.js';

export const RECIPES = '/api/recipes';

/** The fields of a recipe with no items. */
export const recipe = (fields: Json = {}): Json => ({ name: 'Dough', servings: 4, items: [], ...fields });

/** The same as a phone sends it. */
export const whole = (fields: Json = {}): Json => ({
  note: null,
  instructions: null,
  yield_g: null,
  ...recipe(fields),
});

/** An item that takes its values from a recipe. */
export const servingOf = (recipeId: string, fields: Json = {}): Json => ({
  name: 'Some',
  quantity: 1,
  unit: 'serving',
  recipe_id: recipeId,
  servings: 1,
  ...fields,
});

/** An item with values of its own. */
export const entered = (fields: Json): Json => ({ name: 'Flour', quantity: 1, unit: 'cup', ...fields });

/** An item of a recipe with a value, so that the service does not look the recipe up. */
export const usedIn = (recipeId: string): Json => servingOf(recipeId, { energy_kcal: 1 });
