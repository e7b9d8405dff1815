import { metricKinds } from '../../health-metrics/metric-kinds.js';
import { lookUp } from './values.js';

/* What the types and units of HealthKit are here. */

const QUANTITY = 'HKQuantityTypeIdentifier';

/** A blood pressure is a correlation of two records, and read as such. */
const METRICS: ReadonlyMap<string, string> = new Map(
  metricKinds.flatMap(({ name, healthkit, components }) =>
    healthkit === null || components.length > 0 ? [] : [[`${QUANTITY}${healthkit}`, name] as const],
  ),
);

/** HealthKit counts without naming what. */
const COUNTED: Readonly<Record<string, string>> = {
  steps: 'steps',
  floors_climbed: 'floors',
  alcohol: 'drinks',
  bmi: 'kg/m2',
};

const UNITS: Readonly<Record<string, string>> = {
  'count/min': '/min',
  // HealthKit writes a percentage as a number from 0 to 1.
  '%': 'fraction',
  Cal: 'kcal',
  fl_oz_us: 'fl_oz',
  cup_us: 'cup',
  'mL/min·kg': 'mL/(kg.min)',
  'ml/(kg*min)': 'mL/(kg.min)',
  'mL/(kg·min)': 'mL/(kg.min)',
};

/** Undefined for a type that is not stored here. A unit that is not known is refused with its row. */
export function appleReading(type: string, unit: string): { metric: string; unit: string } | undefined {
  const metric = METRICS.get(type);
  return metric === undefined ? undefined : { metric, unit: unitOf(metric, unit) };
}

function unitOf(metric: string, unit: string): string {
  if (unit === 'count') return lookUp(COUNTED, metric) ?? unit;
  // With the molar mass of glucose.
  if (/^mmol<[\d.]+>\/L$/.test(unit)) return 'mmol/L';
  return lookUp(UNITS, unit) ?? unit;
}

const STAGES: Readonly<Record<string, string>> = {
  InBed: 'in_bed',
  Asleep: 'asleep',
  AsleepUnspecified: 'asleep',
  AsleepCore: 'light',
  AsleepDeep: 'deep',
  AsleepREM: 'rem',
  Awake: 'awake',
};

export const appleStage = (value: string): string | undefined =>
  lookUp(STAGES, value.replace('HKCategoryValueSleepAnalysis', ''));
