import type { MetricComponent, MetricKind, Range } from './metric-kind.js';
import { metricKindOf, toCanonical, unitOf } from './metric-kinds.js';
import type { RolledBucket } from './roll-up.js';

/* What follows from the entered values of readings. A phone computes it as the service does. */

/** What a person or a device entered. */
export interface EnteredValues {
  readonly metric: string;
  readonly value?: number | null | undefined;
  readonly unit: string;
  readonly components?: Readonly<Partial<Record<MetricComponent['name'], number | null>>> | null | undefined;
}

/** The values in canonical units, and what is remarkable about them. */
export interface CanonicalValues {
  readonly canonicalValue: number | null;
  readonly systolicMmhg: number | null;
  readonly diastolicMmhg: number | null;
  readonly pulsePerMin: number | null;
  readonly flags: 'implausible'[];
}

/** A person's own kind has one unit, which is its canonical one. */
const OWN_UNIT = { factor: 1, offset: 0 };

export const isWithin = (value: number, [minimum, maximum]: Range): boolean =>
  value >= minimum && value <= maximum;

export function canonicalValues({ metric, value, unit: name, components }: EnteredValues): CanonicalValues {
  const kind = metricKindOf(metric);
  const unit = (kind && unitOf(kind, name)) ?? OWN_UNIT;
  const convert = (entered: number | null | undefined): number | null =>
    entered == null ? null : toCanonical(entered, unit);
  const canonicalValue = convert(value);
  const [systolic, diastolic] = [convert(components?.systolic), convert(components?.diastolic)];
  // A pulse is entered in its only unit.
  const pulse = components?.pulse ?? null;
  return {
    canonicalValue,
    systolicMmhg: systolic,
    diastolicMmhg: diastolic,
    pulsePerMin: pulse,
    flags: kind && isImplausible(kind, canonicalValue, { systolic, diastolic, pulse }) ? ['implausible'] : [],
  };
}

function isImplausible(
  kind: MetricKind,
  canonicalValue: number | null,
  parts: Readonly<Record<MetricComponent['name'], number | null>>,
): boolean {
  return (
    (canonicalValue !== null && !isWithin(canonicalValue, kind.soft)) ||
    kind.components.some(({ name, soft }) => {
      const part = parts[name];
      return part !== null && !isWithin(part, soft);
    })
  );
}

/** The body mass index in kg/m2, rounded to one decimal. */
export const bodyMassIndexOf = (kilograms: number, centimetres: number): number =>
  Math.round((kilograms / (centimetres / 100) ** 2) * 10) / 10;

const NO_VALUE = { value: null, sum: null, minimum: null, maximum: null, average: null, last: null };

/** A bucket of a kind with components: it has no value of its own. */
export type ComposedBucket = Omit<RolledBucket, keyof typeof NO_VALUE> &
  typeof NO_VALUE & { readonly components: ComponentBucket[] };

export type ComponentBucket = Pick<
  RolledBucket,
  'value' | 'minimum' | 'maximum' | 'average' | 'last' | 'count'
> & { readonly name: string };

/** The buckets of a kind with components, of those of its components; the first component is never missing. */
export function composed(components: readonly (readonly [string, RolledBucket[]])[]): ComposedBucket[] {
  const keyOf = ({ localDate, hour }: RolledBucket): string => `${localDate} ${hour}`;
  const byKey = components.map(
    ([name, buckets]) => [name, new Map(buckets.map((own) => [keyOf(own), own]))] as const,
  );
  return (components[0]?.[1] ?? []).map((whole) => {
    const key = keyOf(whole);
    const own = byKey.flatMap(([name, buckets]) => {
      const bucket = buckets.get(key);
      if (!bucket) return [];
      const { value, minimum, maximum, average, last, count } = bucket;
      return [{ name, value, minimum, maximum, average, last, count }];
    });
    return Object.assign({}, whole, NO_VALUE, { components: own });
  });
}
