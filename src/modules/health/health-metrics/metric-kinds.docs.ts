import type { Examples } from '../../../kernel/http/documented.js';
import { pulse } from './health-metrics.examples.js';
import type { MetricComponent, MetricKind, Range } from './metric-kind.js';
import { BMI, BODY_WEIGHT, metricKinds, rangeIn } from './metric-kinds.js';

/* What the API documentation says of each kind, made from the table of kinds. */

/** A value that people have, in the canonical unit; for an interval, that of ten minutes. */
const TYPICAL: Readonly<Record<string, number>> = {
  body_height: 178,
  bmi: 23.9,
  body_fat: 21.5,
  lean_body_mass: 59.2,
  muscle_mass: 56.1,
  bone_mass: 3.1,
  body_water: 55.4,
  visceral_fat_rating: 7,
  waist: 84,
  hip: 98,
  neck: 37.5,
  chest: 101,
  thigh: 56.5,
  upper_arm: 31,
  calf: 37.5,
  heart_rate: 58,
  resting_heart_rate: 54,
  hrv_sdnn: 48,
  hrv_rmssd: 42,
  oxygen_saturation: 97,
  respiratory_rate: 14,
  body_temperature: 36.7,
  vo2_max: 44.2,
  fev1: 3.85,
  fvc: 4.7,
  peak_flow: 520,
  blood_glucose: 95,
  hba1c: 5.4,
  cholesterol_total: 185,
  cholesterol_ldl: 110,
  cholesterol_hdl: 55,
  triglycerides: 120,
  steps: 612,
  distance_walk_run: 480,
  distance_cycle: 3_200,
  distance_swim: 350,
  active_energy: 42,
  basal_energy: 11.5,
  floors_climbed: 2,
  exercise_minutes: 10,
  stand_minutes: 5,
  sedentary_minutes: 10,
  water_intake: 250,
  caffeine: 80,
  alcohol: 1,
  stress: 32,
  readiness: 78,
  recovery: 66,
  sleep_score: 84,
  mood: 4,
  energy_level: 3,
  pain: 2,
};
const PRESSURE = { systolic: 124, diastolic: 79, pulse: 64 };

const span = ([minimum, maximum]: Range): string => `${minimum} to ${maximum}`;
/** Such as `30 to 280 cm, 11.8111 to 110.2362 in or 0.3 to 2.8 m`. */
const rangesOf = ({ units }: MetricKind, hard: Range): string => {
  const ranges = units.map((unit) => `${span(rangeIn(unit, hard))} ${unit.unit}`);
  return [ranges.slice(0, -1).join(', '), ranges.at(-1)].filter(Boolean).join(' or ');
};
const partOf = (kind: MetricKind, { name, hard, isFixed, unit }: MetricComponent): string =>
  `${name}: ${isFixed ? `${span(hard)} ${unit}` : rangesOf(kind, hard)}`;
const rangeText = (kind: MetricKind): string =>
  kind.components.length > 0
    ? kind.components.map((part) => partOf(kind, part)).join('; ')
    : rangesOf(kind, kind.hard);

function exampleOf(kind: MetricKind): object {
  const { name, unit, components, shape, contexts } = kind;
  const [context] = contexts;
  return {
    metric: name,
    ...(components.length > 0 ? { components: PRESSURE } : { value: TYPICAL[name] }),
    unit,
    measured_at: pulse.measured_at,
    ...(shape === 'interval' ? { ended_at: '2026-01-06T06:50:00.000Z' } : {}),
    time_zone: pulse.time_zone,
    ...(context === undefined ? {} : { context }),
    // A person does not enter it: it is computed from weight and height.
    ...(name === BMI ? { source: 'scale' } : {}),
  };
}

/** A reading of each kind. */
export const kindExamples: Examples = Object.fromEntries(
  metricKinds
    .filter(({ name }) => name !== BODY_WEIGHT)
    .map((kind) => [kind.name, { summary: `${kind.label}: ${rangeText(kind)}`, value: exampleOf(kind) }]),
);

const row = (kind: MetricKind): string =>
  `| \`${kind.name}\` | ${kind.label} | ${rangeText(kind)} | ${kind.rollUp} | ${kind.loinc ?? ''} |`;

/** A table of all kinds (Markdown). */
export const kindTable = [
  '| kind | | accepted | roll-up | LOINC |',
  '|---|---|---|---|---|',
  ...metricKinds.map(row),
].join('\n');
