import { revive } from '../../../../kernel/http/answer.js';
import { isVisible } from '../../../../kernel/http/text-checks.js';
import type { ServingDto } from '../foods.dto.js';
import { NutrientsDto } from '../nutrients.dto.js';
import { mostOf, type NutrientKey, nutrientOf } from '../nutrients.js';
import { LICENCES, OPEN_FOOD_FACTS } from '../shared/food-sources.js';
import type { SharedFoodValues } from '../shared/shared-foods.repository.js';

type Json = Readonly<Record<string, unknown>>;

/** The names of nutrients at Open Food Facts. Their values are in grams, except for the energy. Alcohol is a share of the volume. */
const NAMES = {
  energy_kcal: 'energy-kcal',
  energy_kj: 'energy-kj',
  protein_g: 'proteins',
  carbs_g: 'carbohydrates',
  sugars_g: 'sugars',
  added_sugars_g: 'added-sugars',
  fiber_g: 'fiber',
  fat_g: 'fat',
  saturated_g: 'saturated-fat',
  mono_g: 'monounsaturated-fat',
  poly_g: 'polyunsaturated-fat',
  trans_g: 'trans-fat',
  cholesterol_mg: 'cholesterol',
  sodium_mg: 'sodium',
  potassium_mg: 'potassium',
  calcium_mg: 'calcium',
  iron_mg: 'iron',
  magnesium_mg: 'magnesium',
  zinc_mg: 'zinc',
  phosphorus_mg: 'phosphorus',
  vit_a_ug_rae: 'vitamin-a',
  vit_c_mg: 'vitamin-c',
  vit_d_ug: 'vitamin-d',
  vit_e_mg: 'vitamin-e',
  vit_k_ug: 'vitamin-k',
  vit_b6_mg: 'vitamin-b6',
  vit_b12_ug: 'vitamin-b12',
  folate_ug_dfe: 'vitamin-b9',
  caffeine_mg: 'caffeine',
} as const satisfies Partial<Record<NutrientKey, string>>;

const OF_A_GRAM = { kcal: 1, kJ: 1, g: 1, mg: 1_000, ug: 1_000_000 } as const;
/** Salt that has one gram of sodium. */
const SALT_OF_SODIUM = 2.5;

/** Makes a shared food of a product. Undefined for a product without a name. What is unknown or impossible there is unknown here. */
export function foodOf(barcode: string, product: Json): SharedFoodValues | undefined {
  const name = textOf(product['product_name'], 200) ?? textOf(product['generic_name'], 200);
  if (name === null) return undefined;
  const isLiquid = ['nutrition_data_per', 'product_quantity_unit', 'serving_quantity_unit'].some((member) =>
    /^(100)?ml$/.test(wordOf(product[member])),
  );
  const basis = isLiquid ? 'per_100ml' : 'per_100g';
  return {
    source: OPEN_FOOD_FACTS,
    sourceRef: barcode,
    sourceLicence: LICENCES[OPEN_FOOD_FACTS],
    name,
    otherName: null,
    brand: textOf(firstOf(product['brands']), 100),
    barcode,
    basis,
    nutrients: revive(NutrientsDto, nutrientsOf(Object(product['nutriments']) as Json, basis)),
    servings: servingsOf(product, isLiquid ? 'ml' : 'g'),
    category: textOf(firstOf(product['categories']), 100),
    language: /^[a-z]{2,3}$/.exec(wordOf(product['lang']))?.[0] ?? null,
  };
}

function nutrientsOf(nutriments: Json, basis: string): Record<string, number> {
  const values: Record<string, number> = {};
  const put = (key: NutrientKey, amount: number | null): void => {
    const { unit } = nutrientOf(key);
    const value = amount === null ? NaN : Math.round(amount * OF_A_GRAM[unit] * 1e6) / 1e6;
    if (value <= mostOf(unit, basis)) values[key] = value;
  };
  for (const [key, name] of Object.entries(NAMES))
    put(key as NutrientKey, numberOf(nutriments[`${name}_100g`]));
  const salt = numberOf(nutriments['salt_100g']);
  if (values['sodium_mg'] === undefined && salt !== null) put('sodium_mg', salt / SALT_OF_SODIUM);
  // Old entries have the energy only in the unit of the food's label, and in kilojoules under this name.
  if (values['energy_kj'] === undefined) put('energy_kj', numberOf(nutriments['energy_100g']));
  return values;
}

function servingsOf(product: Json, unit: string): ServingDto[] {
  const label = textOf(product['serving_size'], 64);
  const inText = /(\d+(?:[.,]\d+)?)\s*(g|ml)\b/i.exec(label ?? '');
  const fromText = inText?.[2]?.toLowerCase() === unit ? numberOf(inText[1]?.replace(',', '.')) : null;
  const amount = numberOf(product['serving_quantity']) ?? fromText;
  if (amount === null || amount < 0.001 || amount > 100_000) return [];
  return [{ label: label ?? `${amount} ${unit}`, amount, unit, isDefault: true }];
}

/** A number that is not negative; Open Food Facts also writes numbers as text. Null for everything else. */
function numberOf(value: unknown): number | null {
  const isNumeric =
    typeof value === 'number' || (typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value));
  const number = isNumeric ? Number(value) : NaN;
  return Number.isFinite(number) && number >= 0 ? number : null;
}

/** A text as people may enter it, cut to its column. Null for none. */
function textOf(value: unknown, most: number): string | null {
  if (typeof value !== 'string' || !value.isWellFormed()) return null;
  const text = [...value].map((letter) => (isVisible(letter) ? letter : ' ')).join('');
  const short = [...text.replace(/\s+/g, ' ').trim()].slice(0, most).join('').trim();
  return short === '' ? null : short;
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const firstOf = (list: unknown): unknown => (typeof list === 'string' ? list.split(',')[0] : undefined);
