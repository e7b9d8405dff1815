import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  EnumField,
  IntegerField,
  NumberField,
  StringField,
  TextField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { creation, ibuprofen } from './medications.examples.js';

export const MAX_AMOUNT = 10_000;
/** The longest time between two doses that a limit may ask for: a month. */
const MAX_INTERVAL_MIN = 44_640;

const none = { optional: true, nullable: true } as const;
/** A number of units of a dose, above zero. */
export const AmountField = (description: string, example: number, more: object = {}) =>
  NumberField({ description, example, min: 0.001, max: MAX_AMOUNT, ...more });
const CodesField = (description: string, example: readonly string[]) =>
  WordListField({
    description,
    example,
    max: 20,
    words: {
      pattern: /^(rxnorm|ndc|atc|unii|snomed):[A-Za-z0-9-]+$/,
      mustBe: 'a code system (rxnorm, ndc, atc, unii or snomed), a colon and a code',
    },
    ...none,
  });

@Documented({ description: 'What a person says of a medication.', examples: creation })
export class MedicationFieldsDto {
  @StringField({ description: 'Name, as on the package.', example: ibuprofen.name, max: 200 })
  name!: string;

  @EnumField({
    description: 'The form.',
    example: ibuprofen.form,
    values: [
      'pill',
      'tablet',
      'capsule',
      'liquid',
      'injection',
      'patch',
      'inhaler',
      'drops',
      'cream',
      'suppository',
      'spray',
      'other',
    ],
    name: 'MedicationForm',
    meaning: 'In which form it is taken.',
  })
  form!: string;

  @EnumField({
    description: 'The route.',
    example: ibuprofen.route,
    values: [
      'oral',
      'sublingual',
      'subcutaneous',
      'intramuscular',
      'topical',
      'inhaled',
      'nasal',
      'ophthalmic',
      'otic',
      'rectal',
      'other',
    ],
    name: 'MedicationRoute',
    meaning: 'The way by which it enters the body.',
  })
  route!: string;

  @TextField('Strength of one unit, as on the package.', ibuprofen.strength, 100) strength?: string | null;

  @AmountField('The usual dose, in `dose_unit`.', ibuprofen.dose_amount) doseAmount!: number;

  @StringField({
    description:
      'The unit of every amount of this medication, in the person’s words: of doses, of the daily limit and of the stock. It does not change: for another unit, make another medication.',
    example: ibuprofen.dose_unit,
    max: 40,
  })
  doseUnit!: string;

  @CodesField('Codes of the product.', ibuprofen.codes) codes?: string[] | null;

  @CodesField(
    'Codes of the active ingredients. Two medications with a common code are reported as duplicates.',
    ibuprofen.ingredient_codes,
  )
  ingredientCodes?: string[] | null;

  @AmountField(
    'The most that may be taken within any 24 hours, in `dose_unit`. Null for no limit.',
    ibuprofen.max_daily_amount,
    none,
  )
  maxDailyAmount?: number | null;

  @IntegerField({
    description: 'The shortest time between two doses, in minutes. Null for no limit.',
    example: ibuprofen.min_interval_min,
    min: 1,
    max: MAX_INTERVAL_MIN,
    ...none,
  })
  minIntervalMin?: number | null;

  @IntegerField({
    description: 'How many days before the stock runs out it should be refilled. Null for 7.',
    example: 7,
    min: 0,
    max: 90,
    ...none,
  })
  refillLeadDays?: number | null;

  @BooleanField({ description: 'Whether it is a dietary supplement.', example: false, ...none })
  isSupplement?: boolean | null;

  @BooleanField({ description: 'Whether an app reminds until the dose is ticked.', example: false, ...none })
  isCritical?: boolean | null;

  @BooleanField({
    description:
      'Whether an app shows it only in the history, and it is no duplicate of another one. Its schedules end by a `paused` version.',
    example: false,
    ...none,
  })
  isArchived?: boolean | null;

  @TextField('What it is taken for.', 'Headache', 500) reason?: string | null;
  @TextField('Who prescribed it.', 'Dr. Weber', 200) prescriber?: string | null;
  @TextField('Where it is bought.', 'Stadt-Apotheke', 200) pharmacy?: string | null;
  @TextField('Number of the prescription.', 'RX-20418', 100) prescriptionNumber?: string | null;
  @TextField('A color for lists, in the app’s own words.', '#d95f02', 32) color?: string | null;
  @TextField('An icon for lists, in the app’s own words.', 'round-tablet', 64) icon?: string | null;
  @TextField('A free note.', 'With food', 1_000) note?: string | null;
}
