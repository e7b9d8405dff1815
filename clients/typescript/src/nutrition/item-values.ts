// Copied by `npm run generate` from src/modules/nutrition/items/item-values.ts: change it there.
import type { Energy } from './nutrients.js';
import { scaleNutrients, shareOf } from './scale-nutrients.js';
import { FIELDS, type ItemField, type ItemSums, type ItemValues, type NutrientSums } from './item-sums.js';

/*
 * What an item contains, by the food or the recipe that it was entered with. An app computes the same without a connection: the client
 * has a copy of this file, so it imports nothing that a client does not have.
 */

/** The most of energy in kilocalories, and of the others in grams. */
export const MOST_OF_FIELD = 100_000;
/** More than anybody eats of anything, in any of the units. */
export const MOST_OF_ITEM = 100_000_000;

/** Energy is counted in kilocalories only. */
const ENERGY_KJ = 'energyKj';

/** What decides how an item is filled. */
export interface FilledItem extends ItemValues {
  readonly foodId?: string | null;
  readonly recipeId?: string | null;
  readonly servings?: number | null;
  readonly amount?: number | null;
  readonly amountUnit?: string | null;
}

/** What an item takes from a food. */
export interface FoodValues {
  readonly basis: string;
  readonly nutrients: Energy;
}

/** What an item takes from a recipe: the sums of the whole. */
export interface RecipeValues extends ItemSums {
  readonly servings: number;
  readonly yieldG: number | null;
  readonly nutrients: object;
}

/** What is wrong with an item: a field by the name that the API uses, and the rule that it breaks. */
export interface ItemFault {
  readonly field: string;
  readonly code: 'not-found' | 'not-allowed' | 'out-of-range';
  readonly rule: string;
}

/**
 * Whether an item names a food or a recipe and how much of it, and says nothing about what that contains. Empty `nutrients` say that
 * nothing is known.
 */
export const isOpen = (item: FilledItem): boolean =>
  (item.recipeId == null ? item.foodId != null && item.amount != null : hasShare(item)) &&
  item.nutrients == null &&
  FIELDS.every((field) => item[field] == null);

const hasShare = ({ servings, amount }: FilledItem): boolean => servings != null || amount != null;

/**
 * Fills an open item.
 * @param from the food or the recipe that it names; undefined if that is unknown
 * @returns the item with what it contains, or what is wrong with it
 */
export function filled<Item extends FilledItem>(
  item: Item,
  from: FoodValues | RecipeValues | undefined,
): Item | ItemFault {
  const found = from && 'basis' in from ? ofFood(item, from) : from && ofRecipe(item, from);
  const result = found ?? unknown(item);
  return 'rule' in result ? result : { ...item, ...result };
}

const unknown = ({ recipeId }: FilledItem): ItemFault =>
  recipeId == null
    ? { field: 'food_id', code: 'not-found', rule: 'is not a known food' }
    : { field: 'recipe_id', code: 'not-found', rule: 'is not a known recipe' };

function ofFood({ amount, amountUnit }: FilledItem, { basis, nutrients }: FoodValues): Contents | ItemFault {
  const unit = basis === 'per_100g' ? 'g' : 'ml';
  if (amountUnit !== unit)
    return wrongUnit(`must be ${unit}, because the nutrients of the food are ${basis}`);
  return bounded(contentsOf(scaleNutrients(nutrients, amount ?? 0)), 'amount', 'the food');
}

function ofRecipe({ servings, amount, amountUnit }: FilledItem, recipe: RecipeValues): Contents | ItemFault {
  if (servings != null) return bounded(partOf(recipe, servings, recipe.servings), 'servings', 'the recipe');
  if (amountUnit !== 'g') return wrongUnit('must be g for a recipe');
  if (recipe.yieldG === null) return { field: 'amount', code: 'not-allowed', rule: NEEDS_YIELD };
  return bounded(partOf(recipe, amount ?? 0, recipe.yieldG), 'amount', 'the recipe');
}

const NEEDS_YIELD = 'needs the yield_g of the recipe, which is unknown: send servings';

const wrongUnit = (rule: string): ItemFault => ({ field: 'amount_unit', code: 'not-allowed', rule });

/** A part of a recipe. A nutrient is known if all items of the recipe know it: else its sum is that of some of them. */
function partOf(recipe: RecipeValues, part: number, whole: number): Contents {
  const { itemCount, energyKnown, proteinKnown, carbsKnown, fatKnown } = recipe;
  const sums: NutrientSums = {
    energyKcal: { sum: recipe.energyKcal ?? 0, known: energyKnown },
    proteinG: { sum: recipe.proteinG ?? 0, known: proteinKnown },
    carbsG: { sum: recipe.carbsG ?? 0, known: carbsKnown },
    fatG: { sum: recipe.fatG ?? 0, known: fatKnown },
    ...recipe.nutrients,
  };
  const known = Object.entries(sums).filter(([, one]) => itemCount > 0 && one?.known === itemCount);
  return contentsOf(Object.fromEntries(known.map(([name, { sum }]) => [name, shareOf(sum, part, whole)])));
}

interface Contents extends Record<ItemField, number | null> {
  readonly nutrients: Readonly<Record<string, number>>;
}

/** Nutrients as an item has them: each of its fields is a number or null, and `nutrients` has those of the others that are known. */
function contentsOf(known: object): Contents {
  const values = known as Readonly<Record<string, number>>;
  const fields = Object.fromEntries(FIELDS.map((field) => [field, values[field] ?? null]));
  const others = Object.entries(values).filter(
    ([name]) => name !== ENERGY_KJ && !Object.hasOwn(fields, name),
  );
  return { ...(fields as Record<ItemField, number | null>), nutrients: Object.fromEntries(others) };
}

/** @param field says how much it is */
const bounded = (contents: Contents, field: string, source: string): Contents | ItemFault =>
  FIELDS.some((name) => (contents[name] ?? 0) > MOST_OF_FIELD) ||
  Object.values(contents.nutrients).some((value) => value > MOST_OF_ITEM)
    ? { field, code: 'out-of-range', rule: `is more of ${source} than an item can have` }
    : contents;
