// Copied by `npm run generate` from src/modules/nutrition/foods/nutrients.ts: change it there.
export type NutrientUnit = 'kcal' | 'kJ' | 'g' | 'mg' | 'ug';

/** A nutrient: what a food may say about 100 g or 100 ml of it. */
export interface Nutrient {
  /** The name in the API. It never changes. */
  readonly key: string;
  readonly name: string;
  readonly unit: NutrientUnit;
  /** Decimals that an app shows. */
  readonly decimals: number;
}

/** All nutrients, in the order in which an app shows them. Add new ones; never change a key or a unit. */
export const NUTRIENTS = [
  { key: 'energy_kcal', name: 'Energy', unit: 'kcal', decimals: 0 },
  { key: 'energy_kj', name: 'Energy', unit: 'kJ', decimals: 0 },
  { key: 'protein_g', name: 'Protein', unit: 'g', decimals: 1 },
  { key: 'carbs_g', name: 'Carbohydrates', unit: 'g', decimals: 1 },
  { key: 'sugars_g', name: 'Sugars', unit: 'g', decimals: 1 },
  { key: 'added_sugars_g', name: 'Added sugars', unit: 'g', decimals: 1 },
  { key: 'fiber_g', name: 'Fibre', unit: 'g', decimals: 1 },
  { key: 'fat_g', name: 'Fat', unit: 'g', decimals: 1 },
  { key: 'saturated_g', name: 'Saturated fat', unit: 'g', decimals: 1 },
  { key: 'mono_g', name: 'Monounsaturated fat', unit: 'g', decimals: 1 },
  { key: 'poly_g', name: 'Polyunsaturated fat', unit: 'g', decimals: 1 },
  { key: 'trans_g', name: 'Trans fat', unit: 'g', decimals: 1 },
  { key: 'cholesterol_mg', name: 'Cholesterol', unit: 'mg', decimals: 0 },
  { key: 'sodium_mg', name: 'Sodium', unit: 'mg', decimals: 0 },
  { key: 'potassium_mg', name: 'Potassium', unit: 'mg', decimals: 0 },
  { key: 'calcium_mg', name: 'Calcium', unit: 'mg', decimals: 0 },
  { key: 'iron_mg', name: 'Iron', unit: 'mg', decimals: 1 },
  { key: 'magnesium_mg', name: 'Magnesium', unit: 'mg', decimals: 0 },
  { key: 'zinc_mg', name: 'Zinc', unit: 'mg', decimals: 1 },
  { key: 'phosphorus_mg', name: 'Phosphorus', unit: 'mg', decimals: 0 },
  { key: 'vit_a_ug_rae', name: 'Vitamin A, as retinol activity equivalents', unit: 'ug', decimals: 0 },
  { key: 'vit_c_mg', name: 'Vitamin C', unit: 'mg', decimals: 1 },
  { key: 'vit_d_ug', name: 'Vitamin D', unit: 'ug', decimals: 1 },
  { key: 'vit_e_mg', name: 'Vitamin E', unit: 'mg', decimals: 1 },
  { key: 'vit_k_ug', name: 'Vitamin K', unit: 'ug', decimals: 1 },
  { key: 'vit_b6_mg', name: 'Vitamin B6', unit: 'mg', decimals: 2 },
  { key: 'vit_b12_ug', name: 'Vitamin B12', unit: 'ug', decimals: 2 },
  { key: 'folate_ug_dfe', name: 'Folate, as dietary folate equivalents', unit: 'ug', decimals: 0 },
  { key: 'caffeine_mg', name: 'Caffeine', unit: 'mg', decimals: 0 },
  { key: 'alcohol_g', name: 'Alcohol', unit: 'g', decimals: 1 },
  { key: 'water_g', name: 'Water', unit: 'g', decimals: 1 },
] as const satisfies readonly Nutrient[];

export type NutrientKey = (typeof NUTRIENTS)[number]['key'];

/** Values by nutrient. An unknown value is absent or null; it is never zero. */
export type NutrientValues = Readonly<Partial<Record<NutrientKey, number | null>>>;

/** The most that 100 g can hold: the whole mass, or somewhat more than the energy of pure fat. */
export const MOST: Readonly<Record<NutrientUnit, number>> = {
  kcal: 1_000,
  kJ: 4_200,
  g: 100,
  mg: 100_000,
  ug: 100_000_000,
};

/** Nothing that people eat weighs more than 200 g per 100 ml. */
export const DENSEST = 2;

/** The most that a food can have of a nutrient with this unit, for its basis. */
export const mostOf = (unit: NutrientUnit, basis: string): number =>
  MOST[unit] * (basis === 'per_100g' ? 1 : DENSEST);

const byKey = Object.fromEntries(NUTRIENTS.map((nutrient) => [nutrient.key, nutrient])) as Readonly<
  Record<NutrientKey, Nutrient>
>;

export const nutrientOf = (key: NutrientKey): Nutrient => byKey[key];

/** The thermochemical calorie, which is the calorie of food labels. */
export const KILOJOULES = 4.184;

/** The energy in kilocalories: as it was entered, or from kilojoules. Null if neither is known. */
export function kilocalories({ energyKcal, energyKj }: Energy): number | null {
  if (energyKcal != null) return energyKcal;
  return energyKj == null ? null : Math.round((energyKj / KILOJOULES) * 100) / 100;
}

export interface Energy {
  readonly energyKcal?: number | null | undefined;
  readonly energyKj?: number | null | undefined;
}
