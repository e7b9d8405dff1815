import type { HealthMetricDto } from '../health-metrics/health-metrics.dto.js';
import type { Category, MetricComponent, MetricKind, MetricUnit } from '../health-metrics/metric-kind.js';
import { metricKindOf, toCanonical, unitOf } from '../health-metrics/metric-kinds.js';
import type { Component, Quantity } from './fhir-types.js';
import type { FhirObservationDto } from './fhir.dto.js';
import {
  type CategoryCode,
  categoryOf,
  conceptOf,
  frameOf,
  localInstant,
  quantityOf,
  type Surroundings,
  translated,
} from './observation.js';

const BASE = 'http://hl7.org/fhir/StructureDefinition/';
/** The profiles of the vital signs, by the LOINC code that they require. */
const PROFILES: Readonly<Record<string, string>> = {
  '29463-7': 'bodyweight',
  '8302-2': 'bodyheight',
  '39156-5': 'bmi',
  '8867-4': 'heartrate',
  '85354-9': 'bp',
  '2708-6': 'oxygensat',
  '9279-1': 'resprate',
  '8310-5': 'bodytemp',
};
const CATEGORIES: Readonly<Record<Category, CategoryCode>> = {
  body: 'exam',
  vitals: 'vital-signs',
  laboratory: 'laboratory',
  activity: 'activity',
  intake: 'social-history',
  wellbeing: 'survey',
};
/** The kinds whose `context` is a part of the body. */
const SITES = new Set(['blood_pressure', 'body_temperature']);

/** What a kind of the person's own is called. */
export type OwnNames = ReadonlyMap<string, string>;

/** A reading of any kind, weights included, as an Observation. */
export function readingObservation(
  reading: HealthMetricDto,
  surroundings: Surroundings,
  own: OwnNames,
): FhirObservationDto {
  const { metric, measuredAt, endedAt, timeZone, flags, modality } = reading;
  const kind = metricKindOf(metric);
  const profile = kind?.loinc ? PROFILES[kind.loinc] : undefined;
  const component = kind ? componentsOf(kind, reading) : [];
  return {
    ...frameOf(reading, surroundings, profile ? [`${BASE}vitalsigns`, BASE + profile] : []),
    ...(kind && { category: categoryOf(profile ? 'vital-signs' : CATEGORIES[kind.category]) }),
    code: conceptOf(kind?.label ?? own.get(metric) ?? metric, kind?.loinc),
    ...(endedAt
      ? {
          effectivePeriod: {
            start: localInstant(measuredAt, timeZone),
            end: localInstant(endedAt, timeZone),
          },
        }
      : { effectiveDateTime: localInstant(measuredAt, timeZone) }),
    ...valueOf(kind, reading),
    ...(flags.length > 0 && { interpretation: flags.map((flag) => ({ text: flag })) }),
    ...(modality && { method: { text: modality } }),
    ...siteOf(reading),
    ...(component.length > 0 && { component }),
  };
}

function valueOf(
  kind: MetricKind | undefined,
  { value, unit, canonicalValue }: HealthMetricDto,
): Pick<FhirObservationDto, 'valueQuantity'> {
  if (value == null || canonicalValue === null) return {};
  if (!kind)
    return {
      valueQuantity: translated(quantityOf(canonicalValue, unit, null), quantityOf(value, unit, null)),
    };
  return { valueQuantity: quantityIn(kind, canonicalValue, value, unit) };
}

/** @param unit the name, or the UCUM code, that was sent with the value. */
function quantityIn(kind: MetricKind, canonical: number, entered: number, unit: string): Quantity {
  const [first] = kind.units;
  return translated(
    quantityOf(canonical, kind.unit, first?.ucum ?? null),
    quantityOf(entered, unit, unitOf(kind, unit)?.ucum ?? null),
  );
}

function componentsOf(kind: MetricKind, reading: HealthMetricDto): Component[] {
  const { components, unit, context } = reading;
  const used = unitOf(kind, unit);
  const parts = kind.components.flatMap((part) => {
    const entered = components?.[part.name];
    return entered == null || !used ? [] : [componentOf(kind, part, entered, unit, used)];
  });
  if (!context || SITES.has(kind.name)) return parts;
  return [...parts, { code: { text: 'Context' }, valueCodeableConcept: { text: context } }];
}

function componentOf(
  kind: MetricKind,
  { label, loinc, unit: fixed, isFixed }: MetricComponent,
  entered: number,
  unit: string,
  used: MetricUnit,
): Component {
  const value = quantityOf(entered, fixed, fixed);
  return {
    code: conceptOf(label, loinc),
    valueQuantity: isFixed
      ? translated(value, value)
      : quantityIn(kind, toCanonical(entered, used), entered, unit),
  };
}

/** Without a licence for SNOMED CT its codes cannot be checked, so the place is a text. */
const siteOf = ({ metric, context }: HealthMetricDto): Pick<FhirObservationDto, 'bodySite'> =>
  context && SITES.has(metric) ? { bodySite: { text: context.replaceAll('_', ' ') } } : {};
