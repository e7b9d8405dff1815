import { metricKindOf } from '../../health-metrics/metric-kinds.js';
import { memberOf, numberOf, textOf } from './json-values.js';
import { lookUp } from './values.js';

/* What the schemas and units of Open mHealth are here. */

export type OmhMeasure =
  | {
      readonly is: 'value';
      readonly metric: string;
      readonly field: string;
      read(value: unknown): OmhValue | undefined;
    }
  | { readonly is: 'pressure'; readonly metric: string }
  | { readonly is: 'sleep'; readonly field: string };

export interface OmhValue {
  readonly value: number;
  readonly unit: string;
}

const UNITS: Readonly<Record<string, string>> = {
  'beats/min': '/min',
  'breaths/min': '/min',
  C: 'degC',
  F: 'degF',
  percent: '%',
};

/** A unit that is not known is refused with its data point. */
function readValue(value: unknown): OmhValue | undefined {
  const [number, unit] = [numberOf(memberOf(value, 'value')), textOf(memberOf(value, 'unit'))];
  if (number === undefined || unit === undefined) return undefined;
  return { value: number, unit: lookUp(UNITS, unit) ?? unit.slice(0, 32) };
}

const value = (metric: string, field: string, read = readValue): OmhMeasure => ({
  is: 'value',
  metric,
  field,
  read,
});

/** The first versions count steps by a number alone. */
const readSteps = (found: unknown): OmhValue | undefined => {
  const number = numberOf(found);
  return number === undefined ? readValue(found) : { value: number, unit: 'steps' };
};

const MEASURES: Readonly<Record<string, OmhMeasure>> = {
  'body-weight': value('body_weight', 'body_weight'),
  'body-height': value('body_height', 'body_height'),
  'body-mass-index': value('bmi', 'body_mass_index'),
  'body-fat-percentage': value('body_fat', 'body_fat_percentage'),
  'heart-rate': value('heart_rate', 'heart_rate'),
  'respiratory-rate': value('respiratory_rate', 'respiratory_rate'),
  'oxygen-saturation': value('oxygen_saturation', 'oxygen_saturation'),
  'body-temperature': value('body_temperature', 'body_temperature'),
  'blood-glucose': value('blood_glucose', 'blood_glucose'),
  'step-count': value('steps', 'step_count', readSteps),
  'blood-pressure': { is: 'pressure', metric: 'blood_pressure' },
  'sleep-duration': { is: 'sleep', field: 'sleep_duration' },
  'sleep-episode': { is: 'sleep', field: 'total_sleep_time' },
};

/** Undefined for a schema that is not stored here. */
export const measureOf = (name: string): OmhMeasure | undefined => lookUp(MEASURES, name);

/** The name of a schema, also of one of another organisation. Undefined where there is none. */
export function schemaOf(id: unknown): string | undefined {
  const [namespace, name] =
    typeof id === 'string' ? id.slice(0, 200).split(':') : [memberOf(id, 'namespace'), memberOf(id, 'name')];
  if (typeof namespace !== 'string' || typeof name !== 'string') return undefined;
  return namespace === 'omh' || namespace.startsWith('ieee') ? name : '';
}

export function pressuresOf(body: unknown): { unit: string; parts: Record<string, number> } | undefined {
  const [systolic, diastolic] = [
    readValue(memberOf(body, 'systolic_blood_pressure')),
    readValue(memberOf(body, 'diastolic_blood_pressure')),
  ];
  if (!systolic || !diastolic || systolic.unit !== diastolic.unit) return undefined;
  return { unit: systolic.unit, parts: { systolic: systolic.value, diastolic: diastolic.value } };
}

const MINUTES: Readonly<Record<string, number>> = { sec: 1 / 60, s: 1 / 60, min: 1, h: 60, d: 1_440 };

/** A duration in minutes. */
export function minutesOf(duration: unknown): number | undefined {
  const [number, unit] = [numberOf(memberOf(duration, 'value')), textOf(memberOf(duration, 'unit'))];
  const factor = lookUp(MINUTES, unit);
  return number === undefined || factor === undefined || number < 0 ? undefined : number * factor;
}

/** The fields that say under which circumstances was measured, with what their values are here. */
const CONTEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  temporal_relationship_to_meal: {
    fasting: 'fasting',
    'not fasting': 'not_fasting',
    'before meal': 'before_meal',
    'after meal': 'after_meal',
    'before breakfast': 'before_breakfast',
    'after breakfast': 'after_breakfast',
    'before lunch': 'before_lunch',
    'after lunch': 'after_lunch',
    'before dinner': 'before_dinner',
    'after dinner': 'after_dinner',
    '2 hours postprandial': 'two_hours_after_meal',
  },
  measurement_location: {
    'left wrist': 'left_wrist',
    'right wrist': 'right_wrist',
    'left upper arm': 'left_upper_arm',
    'right upper arm': 'right_upper_arm',
    axillary: 'armpit',
    finger: 'finger',
    forehead: 'forehead',
    oral: 'mouth',
    rectal: 'rectum',
    toe: 'toe',
    tympanic: 'ear',
    wrist: 'wrist',
    vagina: 'vagina',
  },
  temporal_relationship_to_sleep: {
    'before sleeping': 'before_sleep',
    'during sleep': 'during_sleep',
    'on waking': 'on_waking',
  },
  temporal_relationship_to_physical_activity: { 'at rest': 'at_rest', active: 'active' },
};

/** The first circumstance that the kind has. */
export function contextOf(body: unknown, metric: string): string | undefined {
  const contexts = metricKindOf(metric)?.contexts ?? [];
  for (const [field, names] of Object.entries(CONTEXTS)) {
    const found = lookUp(names, textOf(memberOf(body, field)));
    if (found !== undefined && contexts.includes(found)) return found;
  }
  return undefined;
}
