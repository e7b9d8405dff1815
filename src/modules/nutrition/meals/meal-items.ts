import { canonical } from '../../../kernel/canonical.js';
import { write } from '../../../kernel/http/answer.js';
import type { FieldError } from '../../../kernel/http/problem.js';
import type { NutrientsDto } from '../foods/nutrients.dto.js';
import { scaleNutrients } from '../foods/scale-nutrients.js';
import { ItemNutrientsDto, MOST_OF_ITEM, OTHER_NUTRIENTS } from './item-nutrients.dto.js';
import { MealItemDto, MOST_OF_FIELD } from './meals.dto.js';

/** What an item takes from a food. */
export interface FoodValues {
  readonly basis: string;
  readonly nutrients: NutrientsDto;
}

/** An item that names a food and an amount, and says nothing about what they contain. */
export type OpenItem = MealItemDto & { readonly foodId: string; readonly amount: number };

const FIELDS = ['energyKcal', 'proteinG', 'carbsG', 'fatG'] as const;

/** Whether the values of a food are missing in an item. Empty `nutrients` say that nothing is known. */
export const isOpen = (item: MealItemDto): item is OpenItem =>
  item.foodId != null &&
  item.amount != null &&
  item.nutrients == null &&
  FIELDS.every((field) => item[field] == null);

/**
 * Replaces each open item by a stored one that equals it in all fields that were sent, so that what was eaten stays. Each stored
 * item stands for one.
 */
export function keepStored(items: readonly MealItemDto[], stored: readonly MealItemDto[]): MealItemDto[] {
  const left = [...stored];
  return items.map((item) => {
    const at = isOpen(item) ? left.findIndex((one) => saysTheSame(item, one)) : -1;
    return at < 0 ? item : (left.splice(at, 1)[0] ?? item);
  });
}

/** An absent value and null are the same. */
function saysTheSame(sent: MealItemDto, stored: MealItemDto): boolean {
  const known = write(MealItemDto, stored);
  return Object.entries(write(MealItemDto, sent)).every(
    ([name, value]) => value === null || canonical(value) === canonical(known[name] ?? null),
  );
}

/** @returns the item with what its amount of the food contains, or what is wrong with it */
export function filled(item: OpenItem, food: FoodValues | undefined, at: number): MealItemDto | FieldError {
  const field = (name: string): string => `items.${at}.${name}`;
  if (!food)
    return { field: field('food_id'), code: 'not-found', message: `${field('food_id')} is not a known food` };
  const unit = food.basis === 'per_100g' ? 'g' : 'ml';
  if (item.amountUnit !== unit) {
    const message = `${field('amount_unit')} must be ${unit}, because the nutrients of the food are ${food.basis}`;
    return { field: field('amount_unit'), code: 'not-allowed', message };
  }
  const scaled = scaleNutrients(food.nutrients, item.amount);
  const fields = Object.fromEntries(FIELDS.map((name) => [name, scaled[name] ?? null]));
  const nutrients = Object.assign(
    new ItemNutrientsDto(),
    Object.fromEntries(
      OTHER_NUTRIENTS.flatMap((name) => (scaled[name] == null ? [] : [[name, scaled[name]]])),
    ),
  );
  if (FIELDS.some((name) => (scaled[name] ?? 0) > MOST_OF_FIELD) || hasTooMuch(nutrients)) {
    const message = `${field('amount')} is more of the food than an item can have`;
    return { field: field('amount'), code: 'out-of-range', message };
  }
  return Object.assign(new MealItemDto(), item, fields, { nutrients });
}

const hasTooMuch = (nutrients: ItemNutrientsDto): boolean =>
  OTHER_NUTRIENTS.some((name) => (nutrients[name] ?? 0) > MOST_OF_ITEM);
