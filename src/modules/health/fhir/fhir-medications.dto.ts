import { ApiProperty } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import type {
  AdministeredDosage,
  CodeableConcept,
  ContainedMedication,
  Dosage,
  Meta,
  Note,
  Period,
  Reference,
} from './fhir-types.js';
import { administration, skipped, statement } from './fhir.examples.js';
import { OptionalPart, Part, Parts, Text, Word } from './fhir-fields.js';

const STATUSES = ['active', 'completed', 'on-hold', 'stopped'] as const;

@Documented({ description: 'A MedicationStatement of FHIR R4: one medication.' })
export class FhirMedicationStatementDto {
  @Word('MedicationStatement') resourceType!: 'MedicationStatement';
  @Text('The id of the medication.', statement.id, { format: 'uuid' }) id!: string;
  @Part('`versionId` and `lastUpdated`.', statement.meta) meta!: Meta;
  @Parts('The Medication: its name, codes, form and ingredients.', statement.contained)
  contained!: readonly ContainedMedication[];
  @ApiProperty({
    description:
      '`completed` when all schedules have come to their own ends, `stopped` when it is archived before, `on-hold` when it is paused, else `active`.',
    example: statement.status,
    enum: STATUSES,
  })
  status!: (typeof STATUSES)[number];
  @Part('The contained Medication, with its name and strength.', statement.medicationReference)
  medicationReference!: Reference;
  @Part('The person, by the id of the account.', statement.subject) subject!: Reference;
  @OptionalPart('The days of its schedules. It has no `end` while one has none.', statement.effectivePeriod)
  effectivePeriod?: Period;
  @Text('When the newest version was stored.', statement.dateAsserted, { format: 'date-time' })
  dateAsserted!: string;
  @Parts('What it is taken for, as text.', statement.reasonCode) reasonCode?: readonly CodeableConcept[];
  @Parts('The note.', [{ text: 'With food' }]) note?: readonly Note[];
  @Parts('The usual dose, in the unit of the person, and the most within 24 hours.', statement.dosage)
  dosage!: readonly Dosage[];
}

@Documented({
  description: 'A MedicationAdministration of FHIR R4: one dose that was taken or skipped.',
})
export class FhirMedicationAdministrationDto {
  @Word('MedicationAdministration') resourceType!: 'MedicationAdministration';
  @Text('The id of the intake.', administration.id, { format: 'uuid' }) id!: string;
  @Part('`versionId` and `lastUpdated`.', administration.meta) meta!: Meta;
  @ApiProperty({
    description: '`completed` when it was taken, `not-done` when it was skipped.',
    example: administration.status,
    enum: ['completed', 'not-done'],
  })
  status!: 'completed' | 'not-done';
  @Parts('Why it was skipped, as text.', skipped.statusReason) statusReason?: readonly CodeableConcept[];
  @Part('Name and strength at the time of the dose.', administration.medicationCodeableConcept)
  medicationCodeableConcept!: CodeableConcept;
  @Part('The person, by the id of the account.', administration.subject) subject!: Reference;
  @Parts('The MedicationStatement, by the id of the medication.', administration.supportingInformation)
  supportingInformation!: readonly Reference[];
  @Text(
    'When it was taken, or when it was due, with the offset of the place.',
    administration.effectiveDateTime,
  )
  effectiveDateTime!: string;
  @Parts('The note, and why a dose was not taken in time.', administration.note) note?: readonly Note[];
  @OptionalPart('How much, in the unit of the person, and where.', administration.dosage)
  dosage?: AdministeredDosage;
}
