import { ApiExtraModels, ApiProperty, getSchemaPath, PickType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { CodeField, DayField } from '../../../kernel/http/fields.js';
import { PageQuery } from '../../../kernel/http/paging.js';
import type {
  CodeableConcept,
  Component,
  Device,
  Identifier,
  Meta,
  Period,
  Quantity,
  Reference,
} from './fhir-types.js';
import { bundle, pressure, pulse } from './fhir.examples.js';
import { OptionalPart, Part, Parts, Text, Word } from './fhir-fields.js';
import { FhirMedicationAdministrationDto, FhirMedicationStatementDto } from './fhir-medications.dto.js';

/** Which resources a Bundle has. */
export class FhirQuery extends PickType(PageQuery, ['limit']) {
  @DayField({ description: 'The first local day.', example: '2026-01-01', optional: true })
  from?: string;

  @DayField({ description: 'The last local day.', example: '2026-01-31', optional: true })
  to?: string;

  @CodeField({
    description: 'Part of the address with the relation `next` in `link`: follow that address unchanged.',
    example: 'WyJvVlN4bTFiTmZrM1EiLCIyMDI2LTAxLTA2IDIwOjMwOjAwLjAwMCJd',
    pattern: /^[\w-]+$/,
    mustBe: 'part of the address with the relation `next` of an earlier Bundle',
    max: 1_024,
    optional: true,
  })
  cursor?: string;
}

@Documented({ description: 'An Observation of FHIR R4: one reading, or one session of sleep.' })
export class FhirObservationDto {
  @Word('Observation') resourceType!: 'Observation';
  @Text('The id of the record.', pulse.id, { format: 'uuid' }) id!: string;
  @Part('`versionId`, `lastUpdated`, `source` and, for a vital sign, its `profile`.', pulse.meta) meta!: Meta;
  @Parts('The Device, when the reading names one.', pulse.contained) contained?: readonly Device[];
  @Parts('The source’s own id of the record.', pressure.identifier) identifier?: readonly Identifier[];
  @Word('final') status!: 'final';
  @Parts('A code of `observation-category`; none for a kind of your own.', pulse.category)
  category?: readonly CodeableConcept[];
  @Part('LOINC where the kind has a code, and the name of the kind as text.', pulse.code)
  code!: CodeableConcept;
  @Part('The person, by the id of the account.', pulse.subject) subject!: Reference;
  @Text('When it was measured, with the offset of the place.', pulse.effectiveDateTime, { required: false })
  effectiveDateTime?: string;
  @OptionalPart('The same for an interval.', {
    start: '2026-01-06T08:10:00.000+01:00',
    end: '2026-01-06T08:20:00.000+01:00',
  })
  effectivePeriod?: Period;
  @Text('When the newest version was stored.', pulse.issued, { format: 'date-time' }) issued!: string;
  @OptionalPart(
    'The canonical value in UCUM. The extension `iso21090-PQ-translation` has the value and the unit as they were entered.',
    pulse.valueQuantity,
  )
  valueQuantity?: Quantity;
  @OptionalPart('Why a session of sleep has no value: no source knows how long the person slept.', {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
  })
  dataAbsentReason?: CodeableConcept;
  @Parts('`implausible`, for a value outside the usual range of its kind.', [{ text: 'implausible' }])
  interpretation?: readonly CodeableConcept[];
  @Parts('The note.', pulse.note) note?: readonly { readonly text: string }[];
  @OptionalPart('Where a blood pressure or a temperature was measured, as text.', pressure.bodySite)
  bodySite?: CodeableConcept;
  @OptionalPart('`sensed` or `self_reported`, as text.', pulse.method) method?: CodeableConcept;
  @OptionalPart('The contained Device.', pulse.device) device?: Reference;
  @Parts(
    'The values of a blood pressure, the circumstance of a reading, or the stages and averages of a night.',
    pressure.component,
  )
  component?: readonly Component[];
}

@Documented({ description: 'A link of a Bundle.' })
export class FhirLinkDto {
  @ApiProperty({ description: 'What the address is.', example: 'next', enum: ['self', 'next'] })
  relation!: 'self' | 'next';
  @Text('The address.', 'http://localhost:3000/api/health-metrics/fhir?from=2026-01-01', { format: 'uri' })
  url!: string;
}

/** What a Bundle has. */
export type FhirResource = FhirObservationDto | FhirMedicationStatementDto | FhirMedicationAdministrationDto;

@Documented({ description: 'One resource of a Bundle.' })
@ApiExtraModels(FhirObservationDto, FhirMedicationStatementDto, FhirMedicationAdministrationDto)
export class FhirEntryDto {
  @Text('The id of the record as a URN.', `urn:uuid:${pulse.id}`) fullUrl!: string;
  @ApiProperty({
    description: 'The resource, as its `resourceType` says.',
    oneOf: [FhirObservationDto, FhirMedicationStatementDto, FhirMedicationAdministrationDto].map((one) => ({
      $ref: getSchemaPath(one),
    })),
  })
  resource!: FhirResource;
  @Part('Always a match.', { mode: 'match' }) search!: { readonly mode: 'match' };
}

@Documented({ description: 'A Bundle of FHIR R4 with one page of resources.', examples: bundle })
export class FhirBundleDto {
  @Word('Bundle') resourceType!: 'Bundle';
  @Word('searchset') type!: 'searchset';
  @Text('When it was made.', '2026-01-07T09:00:00.000Z', { format: 'date-time' }) timestamp!: string;
  @ApiProperty({
    description: 'The address of this page and, while there are more, that of the `next` one.',
    type: () => [FhirLinkDto],
  })
  link!: readonly FhirLinkDto[];
  @ApiProperty({
    description: 'The resources, the most recent first. Absent when there are none, as FHIR wants it.',
    type: () => [FhirEntryDto],
    required: false,
  })
  entry?: readonly FhirEntryDto[];
}
