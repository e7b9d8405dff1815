import type { MedicationIntake } from '../medications/medication-intake.entity.js';
import type { AdministeredDosage, CodeableConcept } from './fhir-types.js';
import type { FhirMedicationAdministrationDto } from './fhir-medications.dto.js';
import { nameOf, notesOf, storedOf } from './medication-parts.js';
import { ABSENT, isSaid, localInstant, subjectOf, type Surroundings } from './observation.js';

/** A dose that was taken or skipped as a MedicationAdministration. */
export function medicationAdministration(
  intake: MedicationIntake,
  { userId }: Surroundings,
): FhirMedicationAdministrationDto {
  const { medicationId, status, sortedAt, timeZone, reason, note } = intake;
  const isTaken = status === 'taken';
  const notes = notesOf(isTaken ? [note, reason] : [note]);
  const dosage = dosageOf(intake);
  return {
    resourceType: 'MedicationAdministration',
    ...storedOf(intake),
    status: isTaken ? 'completed' : 'not-done',
    ...(!isTaken && isSaid(reason) && { statusReason: [{ text: reason }] }),
    medicationCodeableConcept: conceptOf(intake),
    subject: subjectOf(userId),
    supportingInformation: [{ reference: `urn:uuid:${medicationId}`, type: 'MedicationStatement' }],
    effectiveDateTime: localInstant(sortedAt, timeZone),
    ...(notes.length > 0 && { note: notes }),
    ...(dosage && { dosage }),
  };
}

/** What it was called when the dose was stored. A phone may send a dose before its medication. */
const conceptOf = ({ medicationName, strength }: MedicationIntake): CodeableConcept =>
  isSaid(medicationName)
    ? { text: nameOf(medicationName, strength) }
    : { coding: [{ system: ABSENT, code: 'unknown' }] };

/** The unit is in the person's own words, so it has no code. */
function dosageOf({ amount, doseUnit, site }: MedicationIntake): AdministeredDosage | undefined {
  if (amount === null) return undefined;
  return {
    dose: { value: amount, ...(isSaid(doseUnit) && { unit: doseUnit }) },
    ...(isSaid(site) && { site: { text: site } }),
  };
}
