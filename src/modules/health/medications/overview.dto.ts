import { Documented } from '../../../kernel/http/documented.js';
import {
  DayField,
  InstantField,
  IntegerField,
  ListField,
  NumberField,
  StringField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { OmitType } from '@nestjs/swagger';
import { DosesQuery } from './doses.dto.js';
import { lot } from './lots.examples.js';
import { MAX_MEDICATIONS } from './medications.record.js';
import { ibuprofen } from './medications.examples.js';

/** Days of the longest period of adherence, and of the forecast of a stock. */
export const MAX_OVERVIEW_DAYS = 366;
/** Doses that one request computes. */
export const MAX_OVERVIEW_DOSES = 20_000;
/** The doses that are computed for an overview. */
export const OVERVIEW_LIMITS = { mostDays: MAX_OVERVIEW_DAYS, most: MAX_OVERVIEW_DOSES };

const id = { description: 'The medication.', example: lot.medication_id };
const CountField = (description: string, example: number) =>
  IntegerField({ description, example, min: 0, max: MAX_OVERVIEW_DOSES });

@Documented({ description: 'What is left of a medication.' })
export class StockDto {
  @UuidField(id) medicationId!: string;

  @StringField({ description: 'Unit of the amounts.', example: ibuprofen.dose_unit, max: 40 })
  doseUnit!: string;

  @NumberField({
    description:
      'How much is left: what came, less what was discarded and what was taken. Null without a lot; negative if more was taken than came.',
    example: 18,
    nullable: true,
  })
  unitsLeft!: number | null;

  @NumberField({ description: 'How much came and was not discarded.', example: 30 }) unitsIn!: number;

  @NumberField({ description: 'How much was taken since the first lot.', example: 12 }) unitsTaken!: number;

  @InstantField({
    description: 'When the first lot came: from then on, doses are taken from the stock. Null without a lot.',
    example: lot.added_at,
    nullable: true,
  })
  countedSince!: Date | null;

  @DayField({
    description:
      'The last day on which all that is left may be used, if the lots are used up in the order of these days. Null if no day is known.',
    example: lot.expires_on,
    nullable: true,
  })
  expiresOn!: string | null;

  @IntegerField({
    description: 'Days until `runs_out_on`.',
    example: 9,
    min: 0,
    max: MAX_OVERVIEW_DAYS,
    nullable: true,
  })
  daysLeft!: number | null;

  @DayField({
    description:
      'The local day of the first expected dose that is not covered. Null if there is none within a year, as for a medication as needed.',
    example: '2026-01-14',
    nullable: true,
  })
  runsOutOn!: string | null;

  @DayField({
    description: 'When to refill: `refill_lead_days` before `runs_out_on`, but not before today.',
    example: '2026-01-07',
    nullable: true,
  })
  refillBy!: string | null;
}

export class AdherenceQuery extends OmitType(DosesQuery, ['to']) {
  @DayField({
    description: `The last local day, at most ${MAX_OVERVIEW_DAYS - 1} days later.`,
    example: '2026-01-31',
  })
  to!: string;
}

@Documented({ description: 'How the doses of a medication were taken.' })
export class MedicationAdherenceDto {
  @UuidField(id) medicationId!: string;

  @StringField({ description: 'Name of the medication.', example: ibuprofen.name, max: 200 })
  medicationName!: string;

  @CountField('Doses that were ticked, or whose window is over.', 60) expected!: number;
  @CountField('Doses that were taken in their window.', 54) inTime!: number;
  @CountField('Doses that were taken before their window.', 1) early!: number;
  @CountField('Doses that were taken after their window.', 2) late!: number;
  @CountField('Doses that were skipped.', 1) skipped!: number;
  @CountField('Doses that nobody ticked.', 2) missed!: number;

  @NumberField({
    description: '`in_time` of `expected`, from 0 to 1. Null if none was expected.',
    example: 0.9,
    nullable: true,
  })
  adherence!: number | null;
}

@Documented({ description: 'How doses were taken in a period. Doses as needed do not count.' })
export class AdherenceDto {
  @ListField({
    description: 'Medications with a dose in the period, by their names.',
    type: () => MedicationAdherenceDto,
  })
  data!: MedicationAdherenceDto[];
}

@Documented({ description: 'Medications with a common ingredient.' })
export class DuplicateDto {
  @StringField({ description: 'Code of the ingredient.', example: 'rxnorm:5640', max: 64 })
  ingredientCode!: string;

  @WordListField({
    description: 'Ids of the medications that contain it, two or more.',
    example: [lot.medication_id, '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e11'],
    max: MAX_MEDICATIONS,
  })
  medicationIds!: string[];
}

@Documented({
  description: 'Ingredients that several medications contain. Archived medications do not count.',
})
export class DuplicatesDto {
  @ListField({ description: 'Ingredients, by their codes.', type: () => DuplicateDto })
  data!: DuplicateDto[];
}
