import type { SharedFoodValues } from '../../../src/modules/nutrition/foods/shared/shared-foods.repository.js';

export type Json = Record<string, any>;

export const FOODS = '/api/foods';

/** The fields of a food of one's own. */
export const bread = (fields: Json = {}): Json => ({
  name: 'Bread',
  basis: 'per_100g',
  nutrients: { energy_kcal: 250 },
  servings: [],
  ...fields,
});

/** A food of a table that everybody may read. */
export const shared = (
  sourceRef: string,
  fields: Partial<SharedFoodValues> & Pick<SharedFoodValues, 'name'>,
): SharedFoodValues => ({
  source: 'test',
  sourceRef,
  sourceLicence: null,
  otherName: null,
  brand: null,
  barcode: null,
  basis: 'per_100g',
  nutrients: { energyKcal: 100 },
  servings: [],
  category: null,
  language: null,
  ...fields,
});
