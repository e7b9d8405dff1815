/*
 * The rules between the fields of a reading. A phone checks them as the service does.
 */
import { isWithin } from './derived-values.js';
import type { MetricKind, MetricUnit, Range } from './metric-kind.js';
import {
  BMI,
  BODY_WEIGHT,
  CUSTOM,
  CUSTOM_RANGE,
  metricKindOf,
  rangeIn,
  toCanonical,
  unitOf,
} from './metric-kinds.js';

/** A reading is one of a local day, which has 26 hours when summer time ends at the station Troll (zone Antarctica/Troll). */
export const MAX_INTERVAL_MS = 26 * 3_600_000;

/** A reading shares time only with readings of the days around its own: it has at most 26 hours, and zones differ by up to 26. */
export const DAYS_AROUND = 3;

/** The fields that have rules. */
export interface CheckedReading {
  readonly metric: string;
  readonly value?: number | null;
  readonly unit: string;
  readonly components?: {
    readonly systolic: number;
    readonly diastolic: number;
    readonly pulse?: number | null;
  } | null;
  readonly measuredAt: Date;
  readonly endedAt?: Date | null;
  readonly context?: string | null;
  readonly source: string;
  readonly tags?: readonly string[] | null;
}

type Reading = CheckedReading;

/** What is wrong with one field, by its name on the wire. */
export interface ReadingFault {
  readonly field: string;
  readonly code: 'required' | 'not-allowed' | 'out-of-range';
  readonly message: string;
}

const fault = (field: string, code: ReadingFault['code'], message: string): ReadingFault[] => [
  { field, code, message },
];

/**
 * Checks the rules between the fields of a reading: those of its kind.
 * @param given may lack the fields of a group that a change does not have; `metric` is in the group of all others that matter.
 */
export function faultsOfReading(given: Partial<Reading>): ReadingFault[] {
  const { metric } = given;
  if (typeof metric !== 'string') return [];
  const reading = given as Reading;
  if (CUSTOM.test(metric)) return faultsOfCustom(reading);
  if (metric === BODY_WEIGHT)
    return fault('metric', 'not-allowed', 'body_weight is written at /api/health-metrics/weight');
  const kind = metricKindOf(metric);
  if (!kind)
    return fault(
      'metric',
      'not-allowed',
      'metric must be the name of a kind of GET /api/health-metrics/kinds, or custom: and the id of a kind of your own',
    );
  const unit = unitOf(kind, reading.unit);
  return [
    ...(unit ? faultsOfValues(kind, unit, reading) : wrongUnit(kind)),
    ...faultsOfInterval(kind, reading),
    ...faultsOfContext(kind, reading),
    ...faultsOfBmi(reading),
  ];
}

function faultsOfCustom({ value, components, endedAt, context }: Reading): ReadingFault[] {
  const [minimum, maximum] = CUSTOM_RANGE;
  return [
    ...(value == null ? fault('value', 'required', 'value is required') : []),
    ...(value != null && (value < minimum || value > maximum)
      ? fault('value', 'out-of-range', `value must be from ${minimum} to ${maximum}`)
      : []),
    ...(components ? fault('components', 'not-allowed', 'a kind of your own has no components') : []),
    ...(endedAt ? fault('ended_at', 'not-allowed', 'a kind of your own is measured at one instant') : []),
    ...(context ? fault('context', 'not-allowed', 'a kind of your own has no contexts') : []),
  ];
}

const wrongUnit = ({ name, units }: MetricKind): ReadingFault[] =>
  fault('unit', 'not-allowed', `unit of ${name} must be one of: ${units.map((one) => one.unit).join(', ')}`);

function faultsOfValues(kind: MetricKind, unit: MetricUnit, reading: Reading): ReadingFault[] {
  const { value, components } = reading;
  if (kind.components.length > 0)
    return value == null
      ? faultsOfComponents(kind, unit, reading)
      : fault('value', 'not-allowed', `${kind.name} has components in place of a value`);
  if (components) return fault('components', 'not-allowed', `${kind.name} has a value and no components`);
  if (value == null) return fault('value', 'required', 'value is required');
  return faultsOfRange('value', value, unit, kind.hard);
}

function faultsOfComponents(kind: MetricKind, unit: MetricUnit, { components }: Reading): ReadingFault[] {
  if (!components) return fault('components', 'required', 'components is required');
  const faults = kind.components.flatMap(({ name, isFixed, unit: own, hard }) => {
    const value = components[name];
    const used = isFixed ? { unit: own, ucum: own, factor: 1, offset: 0 } : unit;
    return value == null ? [] : faultsOfRange(`components.${name}`, value, used, hard);
  });
  if (faults.length > 0 || components.systolic > components.diastolic) return faults;
  return fault('components.systolic', 'out-of-range', 'systolic must be greater than diastolic');
}

function faultsOfRange(field: string, value: number, unit: MetricUnit, hard: Range): ReadingFault[] {
  if (isWithin(toCanonical(value, unit), hard)) return [];
  const [minimum, maximum] = rangeIn(unit, hard);
  return fault(field, 'out-of-range', `${field} must be from ${minimum} to ${maximum} ${unit.unit}`);
}

/** Whether a reading may have an end: a drink is one of an instant, and what was drunk on a day is one of that day. */
export const mayEnd = ({ shape, rollUp }: MetricKind): boolean => shape === 'interval' || rollUp === 'sum';

function faultsOfInterval(kind: MetricKind, { measuredAt, endedAt }: Reading): ReadingFault[] {
  const { name, shape } = kind;
  if (!mayEnd(kind))
    return endedAt ? fault('ended_at', 'not-allowed', `${name} is measured at one instant`) : [];
  if (!endedAt && shape === 'point') return [];
  if (!endedAt)
    return fault('ended_at', 'required', `ended_at is required, because ${name} counts over an interval`);
  const length = endedAt.getTime() - measuredAt.getTime();
  // An interval without length shares time with none, so its value would count beside that of another source.
  return length > 0 && length <= MAX_INTERVAL_MS
    ? []
    : fault('ended_at', 'out-of-range', 'ended_at must be after measured_at, by at most 26 hours');
}

function faultsOfContext({ name, contexts }: MetricKind, { context }: Reading): ReadingFault[] {
  if (!context || contexts.includes(context)) return [];
  return contexts.length === 0
    ? fault('context', 'not-allowed', `${name} has no contexts`)
    : fault('context', 'not-allowed', `context of ${name} must be one of: ${contexts.join(', ')}`);
}

type Tagged = Pick<Partial<Reading>, 'metric' | 'tags'>;

/**
 * Only some kinds have tags. They are a group of their own, so an edit may have the kind or the tags, and the record has the other.
 * @param seen what the author has seen of the stored reading
 */
export function faultsOfTags(entered: Tagged, seen: Tagged = {}): ReadingFault[] {
  const isOther = entered.metric !== undefined && entered.metric !== seen.metric;
  const { metric = seen.metric, tags = isOther ? seen.tags : undefined } = entered;
  return metric === undefined || !tags?.length || metricKindOf(metric)?.hasTags
    ? []
    : fault('tags', 'not-allowed', `${metric} has no tags`);
}

function faultsOfBmi({ metric, source }: Reading): ReadingFault[] {
  return metric === BMI && source === 'manual'
    ? fault(
        'metric',
        'not-allowed',
        'bmi is computed from body_weight and body_height; only a source may send it',
      )
    : [];
}
