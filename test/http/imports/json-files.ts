import { metricKinds, rangeIn } from '../../../src/modules/health/health-metrics/metric-kinds.js';
import type { MetricKind, MetricUnit } from '../../../src/modules/health/health-metrics/metric-kind.js';

/* Writes readings as the two JSON formats have them: the other way round of what an import reads. */

export interface Written {
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  readonly at: string;
  readonly id: string;
}

const end = (at: string): string => new Date(Date.parse(at) + 60_000).toISOString();

/** The names of units in the Android API. Others are written as they are. */
const CONNECT_UNITS: Readonly<Record<string, string>> = {
  kg: 'kilograms',
  lb: 'POUNDS',
  m: 'meters',
  km: 'kilometers',
  mi: 'MILES',
  in: 'inches',
  kcal: 'kilocalories',
  kJ: 'KILOJOULES',
  mL: 'milliliters',
  L: 'liters',
  fl_oz: 'FLUID_OUNCES_US',
  degC: 'celsius',
  degF: 'FAHRENHEIT',
  mmHg: 'millimetersOfMercury',
  'mmol/L': 'MILLIMOLES_PER_LITER',
  'mg/dL': 'milligramsPerDeciliter',
  '%': 'percent',
};

const CONNECT_FIELDS: Readonly<Record<string, string>> = {
  body_weight: 'weight',
  body_height: 'height',
  body_fat: 'percentage',
  lean_body_mass: 'mass',
  bone_mass: 'mass',
  resting_heart_rate: 'beatsPerMinute',
  hrv_rmssd: 'heartRateVariabilityMillis',
  oxygen_saturation: 'percentage',
  respiratory_rate: 'rate',
  body_temperature: 'temperature',
  vo2_max: 'vo2MillilitersPerMinuteKilogram',
  blood_glucose: 'level',
  steps: 'count',
  distance_walk_run: 'distance',
  active_energy: 'energy',
  floors_climbed: 'floors',
  water_intake: 'volume',
};

/** Fields that are plain numbers in the API. */
const PLAIN = new Set(['/min', 'ms', 'mL/(kg.min)', 'steps', 'floors', '%']);

export function healthConnectRecord({ metric, unit, value, at, id }: Written): object {
  const kind = metricKinds.find(({ name }) => name === metric);
  const common = {
    recordType: kind?.healthConnect,
    startTime: at,
    endTime: end(at),
    startZoneOffset: '+01:00',
    metadata: { id, dataOrigin: 'com.example.watch' },
  };
  if (metric === 'heart_rate') return { ...common, samples: [{ time: at, beatsPerMinute: value }] };
  const quantity = { value, unit: CONNECT_UNITS[unit] ?? unit };
  if (metric === 'blood_pressure')
    return { ...common, systolic: quantity, diastolic: { ...quantity, value: value / 2 } };
  return { ...common, [CONNECT_FIELDS[metric] ?? '']: PLAIN.has(unit) ? value : quantity };
}

const OMH: Readonly<Record<string, readonly [schema: string, field: string]>> = {
  body_weight: ['body-weight', 'body_weight'],
  body_height: ['body-height', 'body_height'],
  bmi: ['body-mass-index', 'body_mass_index'],
  body_fat: ['body-fat-percentage', 'body_fat_percentage'],
  heart_rate: ['heart-rate', 'heart_rate'],
  respiratory_rate: ['respiratory-rate', 'respiratory_rate'],
  oxygen_saturation: ['oxygen-saturation', 'oxygen_saturation'],
  body_temperature: ['body-temperature', 'body_temperature'],
  blood_glucose: ['blood-glucose', 'blood_glucose'],
  steps: ['step-count', 'step_count'],
  blood_pressure: ['blood-pressure', 'systolic_blood_pressure'],
};

const OMH_UNITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  heart_rate: { '/min': 'beats/min' },
  respiratory_rate: { '/min': 'breaths/min' },
  body_temperature: { degC: 'C', degF: 'F' },
};

export function openMHealthPoint({ metric, unit, value, at, id }: Written): object {
  const [name, field] = OMH[metric] ?? ['', ''];
  const quantity = { value, unit: OMH_UNITS[metric]?.[unit] ?? unit };
  return {
    header: {
      uuid: id,
      schema_id: { namespace: 'omh', name, version: '2.0' },
      acquisition_provenance: { source_name: 'Example Watch', modality: 'sensed' },
    },
    body: {
      [field]: quantity,
      ...(metric === 'blood_pressure' ? { diastolic_blood_pressure: { ...quantity, value: value / 2 } } : {}),
      effective_time_frame: { time_interval: { start_date_time: at, end_date_time: end(at) } },
    },
  };
}

/** Every kind and unit that a format carries. */
export const carriedBy = (
  format: 'health_connect' | 'open_mhealth',
): { kind: MetricKind; unit: MetricUnit }[] =>
  metricKinds
    .filter(({ name, healthConnect }) => (format === 'health_connect' ? healthConnect !== null : name in OMH))
    .flatMap((kind) => kind.units.map((unit) => ({ kind, unit })))
    // Weights are in kilograms, pounds or stones.
    .filter(({ kind, unit }) => kind.name !== 'body_weight' || unit.unit !== 'g');

/** A value in the range of a kind, in its unit. */
export function valueIn(kind: MetricKind, unit: MetricUnit, random: () => number): number {
  // The lower pressure of a blood pressure is half of the upper one.
  const [least, most] = rangeIn(unit, kind.name === 'blood_pressure' ? [80, 320] : kind.hard);
  return least + random() * (most - least);
}
