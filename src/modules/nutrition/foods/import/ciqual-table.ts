import { revive } from '../../../../kernel/http/answer.js';
import { NutrientsDto } from '../nutrients.dto.js';
import type { NutrientKey } from '../nutrients.js';
import { CIQUAL, LICENCES } from '../shared/food-sources.js';
import { type Cells, checkedAmount, type FoodTable, numberIn, requiredIn, textIn } from './food-table.js';

/** The columns that become a nutrient, all in its unit. */
const COLUMNS = {
  energy_kcal: 'Energy, Regulation EU No 1169/2011 (kcal/100g)',
  energy_kj: 'Energy, Regulation EU No 1169/2011 (kJ/100g)',
  protein_g: 'Protein (g/100g)',
  carbs_g: 'Carbohydrate (g/100g)',
  sugars_g: 'Sugars (g/100g)',
  fiber_g: 'Fibres (g/100g)',
  fat_g: 'Fat (g/100g)',
  saturated_g: 'FA saturated (g/100g)',
  mono_g: 'FA mono (g/100g)',
  poly_g: 'FA poly (g/100g)',
  cholesterol_mg: 'Cholesterol (mg/100g)',
  sodium_mg: 'Sodium (mg/100g)',
  potassium_mg: 'Potassium (mg/100g)',
  calcium_mg: 'Calcium (mg/100g)',
  iron_mg: 'Iron (mg/100g)',
  magnesium_mg: 'Magnesium (mg/100g)',
  zinc_mg: 'Zinc (mg/100g)',
  phosphorus_mg: 'Phosphorus (mg/100g)',
  vit_c_mg: 'Vitamin C (mg/100g)',
  vit_d_ug: 'Vitamin D (µg/100g)',
  vit_e_mg: 'Vitamin E (mg/100g)',
  // Labels and other tables mean phylloquinone by vitamin K. K2 is known of 32 foods only.
  vit_k_ug: 'Vitamin K1 (µg/100g)',
  vit_b6_mg: 'Vitamin B6 (mg/100g)',
  vit_b12_ug: 'Vitamin B12 (µg/100g)',
  // Of folate that food has by nature, 1 µg is 1 µg of dietary folate equivalents.
  folate_ug_dfe: 'Vitamin B9 or Folate (µg/100g)',
  alcohol_g: 'Alcohol (g/100g)',
  water_g: 'Water (g/100g)',
} as const satisfies Partial<Record<NutrientKey, string>>;

const RETINOL = 'Retinol (µg/100g)';
const BETA_CAROTENE = 'Beta-carotene (µg/100g)';
/** Micrograms of beta-carotene in food that act like one of retinol. */
const CAROTENE_OF_RETINOL = 12;

/** Ciqual 2020, the food composition table of France. All values are per 100 g. */
export const ciqualTable: FoodTable = {
  name: 'Ciqual 2020',
  columns: ['code', 'name_en', 'name_fr', ...Object.values(COLUMNS), RETINOL, BETA_CAROTENE],
  read: (cells) => ({
    source: CIQUAL,
    sourceRef: requiredIn(cells, 'code', 64),
    sourceLicence: LICENCES[CIQUAL],
    name: requiredIn(cells, 'name_en', 200),
    otherName: textIn(cells, 'name_fr', 200),
    brand: null,
    barcode: null,
    basis: 'per_100g',
    nutrients: revive(NutrientsDto, valuesOf(cells)),
    servings: [],
    category: textIn(cells, 'subgroup', 100) ?? textIn(cells, 'group', 100),
    language: 'en',
  }),
};

function valuesOf(cells: Cells): Record<string, number | null> {
  const entries = Object.entries(COLUMNS).map(([key, column]) => [
    key,
    checkedAmount(key as NutrientKey, numberIn(cells, column), 'per_100g', column),
  ]);
  return { ...Object.fromEntries(entries), vit_a_ug_rae: vitaminA(cells) };
}

/** Unknown unless both its forms are known. */
function vitaminA(cells: Cells): number | null {
  const [retinol, carotene] = [numberIn(cells, RETINOL), numberIn(cells, BETA_CAROTENE)];
  if (retinol === null || carotene === null) return null;
  return Math.round((retinol + carotene / CAROTENE_OF_RETINOL) * 100) / 100;
}
