import { isoText } from '../../../platform/instant-text.js';
import { localTime } from '../../../kernel/quantities/local-time.js';
import type { CodeableConcept, Quantity, Reference } from './fhir-types.js';
import type { FhirObservationDto } from './fhir.dto.js';

/* What resources have in common, above all the observations of readings and of sleep. */

/** The standard extension of FHIR for the same quantity in another unit. */
export const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-PQ-translation';
export const UCUM = 'http://unitsofmeasure.org';
const LOINC = 'http://loinc.org';
const CATEGORIES = {
  activity: 'Activity',
  exam: 'Exam',
  laboratory: 'Laboratory',
  'social-history': 'Social History',
  survey: 'Survey',
  'vital-signs': 'Vital Signs',
} as const;

/** The code of HL7's `observation-category`. */
export type CategoryCode = keyof typeof CATEGORIES;

/** Whose observations they are, and where the service is. */
export interface Surroundings {
  readonly userId: string;
  /** The address of the service. */
  readonly origin: string;
}

/** What every record says of itself and of its source. */
interface Described {
  readonly id: string;
  readonly version: number;
  readonly updatedAt: Date;
  readonly source: string;
  readonly externalId?: string | null;
  readonly device?: string | null;
  readonly note?: string | null;
}

type Frame = Omit<FhirObservationDto, 'code'>;

/** Who, when it was stored, from where, and by which device. */
export function frameOf(
  record: Described,
  { userId, origin }: Surroundings,
  profile: readonly string[],
): Frame {
  const { id, externalId, device, note } = record;
  const source = `${origin}/api/sources/${encodeURIComponent(record.source)}`;
  const stored = isoText(record.updatedAt);
  return {
    resourceType: 'Observation',
    id,
    meta: {
      versionId: String(record.version),
      lastUpdated: stored,
      source,
      ...(profile.length > 0 && { profile }),
    },
    ...(isSaid(device) && {
      contained: [
        { resourceType: 'Device', id: 'device', deviceName: [{ name: device, type: 'user-friendly-name' }] },
      ],
      device: { reference: '#device', display: device },
    }),
    ...(isSaid(externalId) && { identifier: [{ system: source, value: externalId }] }),
    ...(isSaid(note) && { note: [{ text: note }] }),
    status: 'final',
    subject: subjectOf(userId),
    issued: stored,
  };
}

/** The id says nothing about the person to somebody who has no access to the account. */
export const subjectOf = (userId: string): Reference => ({ reference: `Patient/${userId}`, type: 'Patient' });

/** FHIR has no empty texts, and none of spaces only. */
export const isSaid = (text: string | null | undefined): text is string => text != null && text.trim() !== '';

export const categoryOf = (code: CategoryCode): CodeableConcept[] => [
  {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/observation-category',
        code,
        display: CATEGORIES[code],
      },
    ],
  },
];

export const conceptOf = (text: string, loinc: string | null = null): CodeableConcept =>
  loinc === null ? { text } : { coding: [{ system: LOINC, code: loinc }], text };

/** @param code in UCUM; null for a unit in a person's own words. */
export const quantityOf = (value: number, unit: string, code: string | null): Quantity =>
  code === null ? { value, unit } : { value, unit, system: UCUM, code };

export const ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';

/** A quantity in the canonical unit that also says how it was entered. */
export const translated = (canonical: Quantity, entered: Quantity): Quantity => ({
  ...canonical,
  extension: [{ url: TRANSLATION, valueQuantity: entered }],
});

/** FHIR knows offsets up to 14 hours; before time zones, some places were further from Greenwich. */
const MOST_OFFSET_MIN = 14 * 60;

/** The instant with the offset of the place, such as `2026-01-06T07:40:00.000+01:00`. */
export function localInstant(instant: Date, timeZone: string): string {
  const { offsetMin } = localTime(instant, timeZone);
  const distance = Math.abs(offsetMin);
  if (distance > MOST_OFFSET_MIN) return isoText(instant);
  const local = isoText(new Date(instant.getTime() + offsetMin * 60_000)).slice(0, -1);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${local}${offsetMin < 0 ? '-' : '+'}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}
