// Copied by `npm run generate` from src/modules/health/health-metrics/activity-kinds.ts: change it there.
import { kindsOf, unit } from './metric-kind.js';

const kilojoules = unit('kJ', 1 / 4.184);
const distances = [unit('km', 1000), unit('mi', 1609.344, '[mi_i]')];

/** A quantity that grows over a period of time. Periods that overlap, from one source or several, count once. */
const amount = (
  label: string,
  canonical: string,
  most: number,
  names: { healthkit?: string; healthConnect?: string } = {},
) => ({
  label,
  unit: canonical,
  hard: [0, most] as const,
  rollUp: 'sum' as const,
  shape: 'interval' as const,
  ...names,
});

export const activityKinds = kindsOf('activity', {
  steps: {
    ...amount('Steps', 'steps', 200_000, { healthkit: 'StepCount', healthConnect: 'StepsRecord' }),
    soft: [0, 60_000],
  },
  distance_walk_run: {
    ...amount('Walking and running distance', 'm', 500_000, {
      healthkit: 'DistanceWalkingRunning',
      healthConnect: 'DistanceRecord',
    }),
    accepts: distances,
  },
  distance_cycle: {
    ...amount('Cycling distance', 'm', 500_000, { healthkit: 'DistanceCycling' }),
    accepts: distances,
  },
  distance_swim: {
    ...amount('Swimming distance', 'm', 500_000, { healthkit: 'DistanceSwimming' }),
    accepts: distances,
  },
  active_energy: {
    ...amount('Active energy', 'kcal', 20_000, {
      healthkit: 'ActiveEnergyBurned',
      healthConnect: 'ActiveCaloriesBurnedRecord',
    }),
    accepts: [kilojoules],
    soft: [0, 6_000],
  },
  basal_energy: {
    ...amount('Resting energy', 'kcal', 8_000, { healthkit: 'BasalEnergyBurned' }),
    accepts: [kilojoules],
    soft: [0, 3_500],
  },
  floors_climbed: amount('Floors climbed', 'floors', 2_000, {
    healthkit: 'FlightsClimbed',
    healthConnect: 'FloorsClimbedRecord',
  }),
  exercise_minutes: amount('Exercise', 'min', 1_440, { healthkit: 'AppleExerciseTime' }),
  stand_minutes: amount('Standing', 'min', 1_440, { healthkit: 'AppleStandTime' }),
  sedentary_minutes: amount('Sitting', 'min', 1_440),
});

export const intakeKinds = kindsOf('intake', {
  water_intake: {
    label: 'Water',
    unit: 'mL',
    accepts: [
      unit('L', 1000),
      unit('fl_oz', 29.5735295625, '[foz_us]'),
      unit('cup', 236.5882365, '[cup_us]'),
    ],
    hard: [1, 20_000],
    soft: [1, 3_000],
    rollUp: 'sum',
    healthkit: 'DietaryWater',
    healthConnect: 'HydrationRecord',
  },
  caffeine: {
    label: 'Caffeine',
    unit: 'mg',
    accepts: [unit('g', 1000)],
    hard: [0, 10_000],
    soft: [0, 600],
    rollUp: 'sum',
    healthkit: 'DietaryCaffeine',
  },
  alcohol: {
    label: 'Alcoholic drinks',
    unit: 'drinks',
    hard: [0, 100],
    soft: [0, 20],
    decimals: 1,
    rollUp: 'sum',
    healthkit: 'NumberOfAlcoholicBeverages',
  },
});

const score = (label: string) => ({ label, unit: 'score', hard: [0, 100] as const });

/** Where it hurts. */
const sites = [
  'head',
  'face',
  'neck',
  'shoulder',
  'arm',
  'elbow',
  'hand',
  'chest',
  'upper_back',
  'lower_back',
  'abdomen',
  'pelvis',
  'hip',
  'leg',
  'knee',
  'foot',
  'whole_body',
];

export const wellbeingKinds = kindsOf('wellbeing', {
  stress: score('Stress'),
  readiness: score('Readiness'),
  recovery: score('Recovery'),
  sleep_score: score('Sleep score'),
  mood: { label: 'Mood', unit: 'score', hard: [1, 5], rollUp: 'average', hasTags: true },
  energy_level: { label: 'Energy level', unit: 'score', hard: [1, 5], rollUp: 'average', hasTags: true },
  pain: { label: 'Pain', unit: 'score', hard: [0, 10], rollUp: 'max', contexts: sites },
});
