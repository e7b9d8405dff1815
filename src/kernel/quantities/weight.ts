/** Kilograms in one unit. Exact by definition: the international avoirdupois pound of 1959; a stone is 14 pounds. */
const KILOGRAMS = { kg: 1, lb: 0.45359237, st: 6.35029318 } as const;

export type WeightUnit = keyof typeof KILOGRAMS;
export const WEIGHT_UNITS = Object.keys(KILOGRAMS) as WeightUnit[];

/** The options of `EnumField` for every field that holds the unit of a weight. */
export const WEIGHT_UNIT = {
  name: 'WeightUnit',
  values: WEIGHT_UNITS,
  meaning: '`kg` kilogram, `lb` avoirdupois pound (0.45359237 kg), `st` stone (14 lb).',
};

/** The range of a scale for people, in kilograms. A weight outside it probably has the wrong unit. Not medical advice. */
export const MIN_KG = 1;
export const MAX_KG = 700;

/** Converts an entered weight to its canonical form: kilograms, rounded to six decimals. */
export const toKilograms = (value: number, unit: WeightUnit): number =>
  Math.round(value * KILOGRAMS[unit] * 1e6) / 1e6;

/** The range in each unit, for schemas. */
export const RANGE_BY_UNIT = Object.fromEntries(
  WEIGHT_UNITS.map((unit) => [
    unit,
    { minimum: MIN_KG / KILOGRAMS[unit], maximum: MAX_KG / KILOGRAMS[unit] },
  ]),
);
