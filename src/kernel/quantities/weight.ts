/** Kilograms in one unit: exact by definition (international avoirdupois pound, 1959; a stone is 14 pounds). */
const KILOGRAMS = { kg: 1, lb: 0.45359237, st: 6.35029318 } as const;

export type WeightUnit = keyof typeof KILOGRAMS;
export const WEIGHT_UNITS = Object.keys(KILOGRAMS) as WeightUnit[];

/** For `EnumField`: every field that holds a weight's unit. */
export const WEIGHT_UNIT = {
  name: 'WeightUnit',
  values: WEIGHT_UNITS,
  meaning: '`kg` kilogram, `lb` avoirdupois pound (0.45359237 kg), `st` stone (14 lb).',
};

/** What a scale for people can show; outside it the unit is wrong. Engineering limits, not advice. */
export const MIN_KG = 1;
export const MAX_KG = 700;

/** The canonical form of an entered weight: kilograms, rounded to six decimals. */
export const toKilograms = (value: number, unit: WeightUnit): number =>
  Math.round(value * KILOGRAMS[unit] * 1e6) / 1e6;
