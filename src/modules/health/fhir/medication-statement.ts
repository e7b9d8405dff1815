import { localDay } from '../../../kernel/quantities/local-day.js';
import { isoText } from '../../../platform/instant-text.js';
import type { Medication } from '../medications/medication.entity.js';
import { spanOf, type PlanSpan } from '../medications/schedule-spans.js';
import type { CodeableConcept, Coding, ContainedMedication, Dosage } from './fhir-types.js';
import type { FhirMedicationStatementDto } from './fhir-medications.dto.js';
import { nameOf, notesOf, storedOf } from './medication-parts.js';
import { isSaid, quantityOf, subjectOf, type Surroundings } from './observation.js';

/** The systems of codes, as HL7 names them. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['rxnorm', 'http://www.nlm.nih.gov/research/umls/rxnorm'],
  ['ndc', 'http://hl7.org/fhir/sid/ndc'],
  ['atc', 'http://www.whocc.no/atc'],
  ['unii', 'http://fdasis.nlm.nih.gov'],
  ['snomed', 'http://snomed.info/sct'],
]);
const NO_SPAN = { start: undefined, end: undefined, isPaused: false, timeZone: 'UTC' } as const;

/**
 * A medication as a MedicationStatement.
 * @param plans the live versions of its schedules
 */
export function medicationStatement(
  medication: Medication,
  plans: readonly PlanSpan[],
  { userId }: Surroundings,
  now: Date,
): FhirMedicationStatementDto {
  const { name, strength, reason, note, isArchived, updatedAt } = medication;
  const { start, end, isPaused, timeZone } = spanOf(plans) ?? NO_SPAN;
  const isOver = end !== undefined && end < localDay(now, timeZone);
  const notes = notesOf([note]);
  return {
    resourceType: 'MedicationStatement',
    ...storedOf(medication),
    contained: [containedOf(medication)],
    status: statusOf(isArchived === true, isOver, isPaused),
    medicationReference: { reference: '#medication', display: nameOf(name, strength) },
    subject: subjectOf(userId),
    ...(start !== undefined && { effectivePeriod: { start, ...(end !== undefined && { end }) } }),
    dateAsserted: isoText(updatedAt),
    ...(isSaid(reason) && { reasonCode: [{ text: reason }] }),
    ...(notes.length > 0 && { note: notes }),
    dosage: [dosageOf(medication)],
  };
}

function statusOf(
  isArchived: boolean,
  isOver: boolean,
  isPaused: boolean,
): FhirMedicationStatementDto['status'] {
  if (isOver && !isPaused) return 'completed';
  if (isArchived) return 'stopped';
  return isOver ? 'on-hold' : 'active';
}

/** Codes of ingredients do not name the product, and two of them may be two ingredients or one: they are in the ingredients. */
function containedOf({ name, strength, form, codes, ingredientCodes }: Medication): ContainedMedication {
  const coding = (codes ?? []).flatMap(codingOf);
  const ingredient = (ingredientCodes ?? []).flatMap(codingOf).map((one) => ({
    itemCodeableConcept: { coding: [one] },
  }));
  return {
    resourceType: 'Medication',
    id: 'medication',
    code: { ...(coding.length > 0 && { coding }), text: nameOf(name, strength) },
    form: conceptOf(form),
    ...(ingredient.length > 0 && { ingredient }),
  };
}

function codingOf(text: string): Coding[] {
  const [name = '', code = ''] = text.split(':');
  const system = SYSTEMS.get(name);
  return system === undefined ? [] : [{ system, code }];
}

const conceptOf = (text: string): CodeableConcept => ({ text });

/** The usual dose. Its unit is in the person's own words, so it has no code. */
function dosageOf({ doseAmount, doseUnit, route, maxDailyAmount }: Medication): Dosage {
  return {
    text: `${doseAmount} ${doseUnit}`,
    route: conceptOf(route),
    doseAndRate: [{ doseQuantity: quantityOf(doseAmount, doseUnit, null) }],
    ...(maxDailyAmount !== null && {
      maxDosePerPeriod: {
        numerator: quantityOf(maxDailyAmount, doseUnit, null),
        denominator: quantityOf(24, 'h', 'h'),
      },
    }),
  };
}
