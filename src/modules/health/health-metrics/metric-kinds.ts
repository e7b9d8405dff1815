import { activityKinds, intakeKinds, wellbeingKinds } from './activity-kinds.js';
import { bodyKinds } from './body-kinds.js';
import type { MetricKind, MetricUnit, Range } from './metric-kind.js';
import type { TargetLimits } from './roll-up.js';
import { laboratoryKinds, vitalKinds } from './vital-kinds.js';

/** All kinds, in the order in which an app may show them. Add kinds only: a name and a unit are stored with readings. */
export const metricKinds: readonly MetricKind[] = [
  ...bodyKinds,
  ...vitalKinds,
  ...laboratoryKinds,
  ...activityKinds,
  ...intakeKinds,
  ...wellbeingKinds,
];

const byName = new Map(metricKinds.map((kind) => [kind.name, kind]));

export const metricKindOf = (name: string): MetricKind | undefined => byName.get(name);

/** Weights are a kind of record of their own, with routes of their own. */
export const BODY_WEIGHT = 'body_weight';
export const BODY_HEIGHT = 'body_height';
/** Body mass index is computed from weight and height; a value of a scale is stored only when it comes from a source. */
export const BMI = 'bmi';

/** The name of a person's own kind: `custom:` and the id of the record that describes it. */
export const CUSTOM = /^custom:([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})$/;
/** The largest value of a person's own kind, above or below zero. */
export const CUSTOM_RANGE: Range = [-10_000_000, 10_000_000];

/** The unit by its name or by its UCUM code. */
export const unitOf = ({ units }: Pick<MetricKind, 'units'>, name: string): MetricUnit | undefined =>
  units.find((one) => one.unit === name || one.ucum === name);

/** Converts an entered value to the canonical unit, rounded to six decimals. */
export const toCanonical = (
  value: number,
  { factor, offset }: Pick<MetricUnit, 'factor' | 'offset'>,
): number => Math.round((value * factor + offset) * 1e6) / 1e6;

/** Decimals in another unit, so that a value is shown as exactly as in the canonical one. */
export const decimalsIn = ({ factor }: Pick<MetricUnit, 'factor'>, decimals: number): number =>
  Math.max(0, Math.round(decimals + Math.log10(factor)));

/** The target in another unit, as an app shows it: 70 to 180 mg/dL of glucose are 3.9 to 10.0 mmol/L. */
export function targetIn({ factor, offset }: MetricUnit, [minimum, maximum]: Range, decimals: number): Range {
  const convert = (canonical: number): number => Number(((canonical - offset) / factor).toFixed(decimals));
  return [convert(minimum), convert(maximum)];
}

/**
 * The canonical values that count as within the target: from the first on, and below the second. A value counts as it is shown,
 * with the decimals of its kind: 10.0 mmol/L of glucose, which are 180.2 mg/dL, are within 70 to 180 mg/dL.
 */
export const targetLimits = ({ target, decimals }: MetricKind): TargetLimits | null =>
  target && [target[0] - 0.5 / 10 ** decimals, target[1] + 0.5 / 10 ** decimals];

/** The range of the canonical unit in another unit, rounded inwards, so that both ends are accepted. */
export function rangeIn({ factor, offset }: MetricUnit, [minimum, maximum]: Range): Range {
  const convert = (canonical: number): number => ((canonical - offset) / factor) * 1e4;
  // The tolerance keeps an end that is exact in the other unit.
  // Zero is added, because rounding makes -0, which JSON does not know.
  return [Math.ceil(convert(minimum) - 1e-6) / 1e4 + 0, Math.floor(convert(maximum) + 1e-6) / 1e4 + 0];
}
