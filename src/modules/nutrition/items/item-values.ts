import { scaleNutrients } from '../foods/scale-nutrients.js';
import type { Energy } from '../foods/nutrients.js';

/*
 * What an item of a meal contains, by the food that it was entered with. An app computes the same without a connection: the client
 * has a copy of this file, so it imports nothing that a client does not have.
 */

/** The most of energy in kilocalories, and of the others in grams. */
export const MOST_OF_FIELD = 100_000;
/** More than anybody eats of anything, in any of the units. */
export const MOST_OF_ITEM = 100_000_000;

const FIELDS = ['energyKcal', 'proteinG', 'carbsG', 'fatG'] as const;
/** Energy is counted in kilocalories only. */
const ENERGY_KJ = 'energyKj';

/** The nutrients that are fields of an item. The others are in its `nutrients`. */
export type ItemField = (typeof FIELDS)[number];

/** What an item contains. An unknown value is absent or null. */
export interface ItemValues extends Partial<Readonly<Record<ItemField, number | null>>> {
  readonly nutrients?: object | null;
}

/** What decides how an item is filled. */
export interface FilledItem extends ItemValues {
  readonly foodId?: string | null;
  readonly amount?: number | null;
  readonly amountUnit?: string | null;
}

/** What an item takes from a food. */
export interface FoodValues {
  readonly basis: string;
  readonly nutrients: Energy;
}

/** What is wrong with an item; the field has the name that the API uses. */
export interface ItemFault {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** An item that names a food and an amount, and says nothing about what they contain. */
export type OpenItem<Item extends FilledItem> = Item & { readonly foodId: string; readonly amount: number };

/** Whether the values of a food are missing in an item. Empty `nutrients` say that nothing is known. */
export const isOpen = <Item extends FilledItem>(item: Item): item is OpenItem<Item> =>
  item.foodId != null &&
  item.amount != null &&
  item.nutrients == null &&
  FIELDS.every((field) => item[field] == null);

/**
 * @param at the index of the item
 * @returns the item with what its amount of the food contains, or what is wrong with it
 */
export function filled<Item extends FilledItem>(
  item: OpenItem<Item>,
  food: FoodValues | undefined,
  at: number,
): Item | ItemFault {
  const name = (field: string): string => `items.${at}.${field}`;
  if (!food) return faultOf(name('food_id'), 'not-found', 'is not a known food');
  const unit = food.basis === 'per_100g' ? 'g' : 'ml';
  if (item.amountUnit !== unit)
    return faultOf(
      name('amount_unit'),
      'not-allowed',
      `must be ${unit}, because the nutrients of the food are ${food.basis}`,
    );
  const contents = contentsOf(scaleNutrients(food.nutrients, item.amount));
  if (isTooMuch(contents))
    return faultOf(name('amount'), 'out-of-range', 'is more of the food than an item can have');
  return { ...item, ...contents };
}

type Contents = Record<ItemField, number | null> & { readonly nutrients: Readonly<Record<string, number>> };

/** Nutrients as an item has them: each of its fields is a number or null, and `nutrients` has those of the others that are known. */
function contentsOf(known: object): Contents {
  const values = known as Readonly<Record<string, number>>;
  const fields = Object.fromEntries(FIELDS.map((field) => [field, values[field] ?? null]));
  const others = Object.entries(values).filter(
    ([name]) => name !== ENERGY_KJ && !Object.hasOwn(fields, name),
  );
  return { ...(fields as Record<ItemField, number | null>), nutrients: Object.fromEntries(others) };
}

const isTooMuch = (contents: Contents): boolean =>
  FIELDS.some((field) => (contents[field] ?? 0) > MOST_OF_FIELD) ||
  Object.values(contents.nutrients).some((value) => value > MOST_OF_ITEM);

const faultOf = (field: string, code: string, message: string): ItemFault => ({
  field,
  code,
  message: `${field} ${message}`,
});
