import { kindsOf, unit } from './metric-kind.js';

/* All factors are exact by definition: the inch is 2.54 cm, the avoirdupois pound 0.45359237 kg, the stone 14 pounds. */
const pounds = unit('lb', 0.45359237, '[lb_av]');
const stones = unit('st', 6.35029318, '[stone_av]');
const inches = unit('in', 2.54, '[in_i]');
const metres = unit('m', 100);
/** HealthKit writes a percentage as a number from 0 to 1. It is a unit of its own, so that 1 is never ambiguous. */
export const fraction = unit('fraction', 100, '1');

/** A girth, measured with a tape. */
const girth = (label: string, soft: readonly [number, number], healthkit: string | null = null) => ({
  label,
  unit: 'cm',
  accepts: [inches, metres],
  hard: [5, 400] as const,
  soft,
  decimals: 1,
  healthkit,
});

export const bodyKinds = kindsOf('body', {
  body_weight: {
    label: 'Body weight',
    unit: 'kg',
    // Those of the routes of weights.
    accepts: [pounds, stones],
    loinc: '29463-7',
    hard: [1, 700],
    soft: [25, 300],
    decimals: 1,
    healthkit: 'BodyMass',
    healthConnect: 'WeightRecord',
  },
  body_height: {
    label: 'Body height',
    unit: 'cm',
    accepts: [inches, metres],
    loinc: '8302-2',
    hard: [30, 280],
    soft: [90, 230],
    decimals: 1,
    healthkit: 'Height',
    healthConnect: 'HeightRecord',
  },
  bmi: {
    label: 'Body mass index',
    unit: 'kg/m2',
    loinc: '39156-5',
    hard: [5, 150],
    soft: [12, 60],
    decimals: 1,
    healthkit: 'BodyMassIndex',
  },
  body_fat: {
    label: 'Body fat',
    unit: '%',
    accepts: [fraction],
    hard: [1, 80],
    soft: [3, 60],
    decimals: 1,
    healthkit: 'BodyFatPercentage',
    healthConnect: 'BodyFatRecord',
  },
  lean_body_mass: {
    label: 'Lean body mass',
    unit: 'kg',
    accepts: [pounds, stones],
    hard: [1, 400],
    soft: [20, 150],
    decimals: 1,
    healthkit: 'LeanBodyMass',
    healthConnect: 'LeanBodyMassRecord',
  },
  muscle_mass: {
    label: 'Muscle mass',
    unit: 'kg',
    accepts: [pounds, stones],
    hard: [1, 300],
    soft: [10, 120],
    decimals: 1,
  },
  bone_mass: {
    label: 'Bone mass',
    unit: 'kg',
    accepts: [pounds],
    hard: [0.1, 20],
    soft: [1, 6],
    decimals: 2,
    healthConnect: 'BoneMassRecord',
  },
  body_water: {
    label: 'Body water',
    unit: '%',
    accepts: [fraction],
    hard: [10, 90],
    soft: [35, 75],
    decimals: 1,
  },
  visceral_fat_rating: {
    label: 'Visceral fat rating',
    unit: 'score',
    hard: [1, 60],
    soft: [1, 30],
    decimals: 1,
  },
  waist: girth('Waist circumference', [40, 200], 'WaistCircumference'),
  hip: girth('Hip circumference', [50, 200]),
  neck: girth('Neck circumference', [20, 70]),
  chest: girth('Chest circumference', [50, 200]),
  thigh: girth('Thigh circumference', [25, 120]),
  upper_arm: girth('Upper arm circumference', [12, 70]),
  calf: girth('Calf circumference', [18, 70]),
});
