import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  NumberField,
  ObjectField,
  StringField,
  TimeZoneField,
  UuidField,
} from '../../../kernel/http/fields.js';
import type { DoseAlert } from './dose-limits.js';
import { DOSE_STATES, type DoseState, TIMINGS, type Timing } from './dose-states.js';
import { doses, tick } from './doses.examples.js';
import { AlertsField } from './intakes.dto.js';
import { asNeeded, slot } from './intakes.examples.js';
import { type IntakeStatus, IntakeStatusField, SlotField } from './intakes.fields.js';
import { AmountField } from './medications.fields.js';
import { ibuprofen } from './medications.examples.js';

/** Days that one request answers. */
export const MAX_DAYS = 92;
/** Doses, and intakes, that one request answers: below 1 MiB together. */
export const MAX_DOSES_OF_PERIOD = 1_000;

const none = { optional: true, nullable: true } as const;

export class DosesQuery {
  @DayField({ description: 'The first local day.', example: '2026-01-05' })
  from!: string;

  @DayField({ description: `The last local day, at most ${MAX_DAYS - 1} days later.`, example: '2026-01-11' })
  to!: string;

  @TimeZoneField({
    description:
      'IANA time zone of the device: the clock of `floating` schedules. Default: the time zone of the profile.',
    example: 'Europe/Berlin',
    optional: true,
  })
  timeZone?: string;

  @UuidField({ description: 'Only of this medication.', example: asNeeded.medication_id, optional: true })
  medicationId?: string;
}

@Documented({ description: 'What became of a dose.' })
export class DoseIntakeDto {
  @UuidField({ description: 'The id of the intake.', example: asNeeded.medication_id }) id!: string;
  @UuidField({ description: 'The medication.', example: asNeeded.medication_id }) medicationId!: string;
  @IntakeStatusField() status!: IntakeStatus;

  @DayField({ description: 'The local day of the dose.', example: '2026-01-05' }) localDate!: string;

  @InstantField({ description: 'When it was taken.', example: asNeeded.taken_at, nullable: true })
  takenAt!: Date | null;

  @NumberField({ description: 'How much was taken.', example: 1, nullable: true }) amount!: number | null;

  @InstantField({ description: 'When to remind again.', example: null, nullable: true })
  snoozedUntil!: Date | null;

  @AlertsField() alerts!: DoseAlert[];

  @BooleanField({ description: 'Whether a person has seen the alerts.', example: null, nullable: true })
  confirmed!: boolean | null;

  @IntegerField({ description: 'The version of the intake.', example: 1, min: 1, max: 2_147_483_647 })
  version!: number;
}

@Documented({ description: 'A dose that a schedule expects.' })
export class DoseDto {
  @UuidField({
    description: 'The id of the dose, and of its intake: the UUIDv5 of `{schedule_id}/{slot}`.',
    example: doses.id,
  })
  id!: string;

  @UuidField({ description: 'The id of the first version of the schedule.', example: slot.schedule_id })
  scheduleId!: string;

  @UuidField({ description: 'The version of the schedule that expects it.', example: slot.schedule_id })
  versionId!: string;

  @UuidField({ description: 'The medication.', example: asNeeded.medication_id }) medicationId!: string;

  @StringField({ description: 'Name of the medication.', example: ibuprofen.name, max: 200 })
  medicationName!: string;

  @SlotField() slot!: string;

  @DayField({ description: 'The local day on the clock of the schedule.', example: '2026-01-05' })
  localDate!: string;

  @InstantField({
    description: 'When it is due; of a dose that is ticked, when it was due where the person was.',
    example: slot.scheduled_for,
  })
  scheduledFor!: Date;

  @TimeZoneField({ description: 'The clock on which it is due, or was due.', example: 'Europe/Berlin' })
  timeZone!: string;

  @NumberField({ description: 'How much is expected, in `dose_unit`.', example: 1 }) amount!: number;

  @StringField({ description: 'Unit of the amount.', example: ibuprofen.dose_unit, max: 40 })
  doseUnit!: string;

  @InstantField({ description: 'From when it is in time.', example: doses.opens_at }) opensAt!: Date;

  @InstantField({ description: 'Until when it is in time.', example: doses.closes_at }) closesAt!: Date;

  @EnumField({
    description: 'What became of it.',
    example: 'taken',
    values: DOSE_STATES,
    name: 'DoseState',
    meaning:
      '`upcoming`; `due`: its window is open; `snoozed`: until `snoozed_until`; `taken`; `skipped`; `missed`: its window is over and nobody ticked it.',
  })
  state!: DoseState;

  @EnumField({
    description: 'When it was taken; null if it was not.',
    example: 'in_time',
    values: TIMINGS,
    name: 'DoseTiming',
    meaning: '`early`, `in_time` or `late`, by the window of the schedule.',
    nullable: true,
  })
  timing!: Timing | null;

  @ObjectField({
    description: 'The intake; null if nobody ticked it.',
    type: () => DoseIntakeDto,
    nullable: true,
  })
  intake!: DoseIntakeDto | null;
}

@Documented({ description: 'The doses of some days.', examples: doses.examples })
export class DosesDto {
  @ListField({ description: 'Doses in the order in which they are due.', type: () => DoseDto })
  data!: DoseDto[];

  @ListField({
    description:
      'Intakes of these days that belong to none of the doses: as needed, or of a dose that no schedule expects any more.',
    type: () => DoseIntakeDto,
  })
  others!: DoseIntakeDto[];

  @DayField({
    description: `The first day that is not here, because one answer has at most ${MAX_DOSES_OF_PERIOD} entries: send it as \`from\` for the rest. Null if all days are here.`,
    example: null,
    nullable: true,
  })
  next!: string | null;
}

@Documented({ description: 'What became of a dose.', examples: tick })
export class TickDoseDto {
  @UuidField({ description: 'The id of the first version of the schedule.', example: slot.schedule_id })
  scheduleId!: string;

  @SlotField()
  slot!: string;

  @UuidField({
    description:
      'The medication, for a dose that no schedule expects any more. Otherwise it is that of the schedule.',
    example: asNeeded.medication_id,
    optional: true,
  })
  medicationId?: string;

  @InstantField({
    description: 'When the dose was due, for a dose that no schedule expects any more.',
    example: slot.scheduled_for,
    optional: true,
  })
  scheduledFor?: Date;

  @IntakeStatusField()
  status!: IntakeStatus;

  @TimeZoneField({
    description:
      'IANA time zone of the device. Default: the time zone of the profile. The first tick of a dose says where it was due.',
    example: 'Europe/Berlin',
    optional: true,
  })
  timeZone?: string;

  @InstantField({
    description: 'When it was taken. Default: as it was ticked before, or now.',
    example: slot.scheduled_for,
    optional: true,
  })
  takenAt?: Date;

  @AmountField(
    'How much was taken. Default: as it was ticked before, or what the schedule expects, or `dose_amount` of the medication.',
    1,
    { optional: true },
  )
  amount?: number;

  @InstantField({
    description: 'When to remind again. Required for `snoozed`.',
    example: '2026-01-05T07:30:00.000Z',
    optional: true,
  })
  snoozedUntil?: Date;

  @StringField({ description: 'Why it was not taken, or not in time.', example: 'Nausea', max: 500, ...none })
  reason?: string | null;

  @StringField({ description: 'Where it was injected or applied.', example: 'Left thigh', max: 100, ...none })
  site?: string | null;

  @StringField({ description: 'A free note.', example: 'With breakfast', max: 1_000, ...none })
  note?: string | null;

  @BooleanField({ description: 'Stores the dose although it breaks a limit.', example: false, ...none })
  confirmed?: boolean | null;

  @IntegerField({
    description:
      'The version of the intake that the person has seen. Without it, a dose that is taken already stays as it was ticked first. With another version than that of the intake, or if there is none any more, the answer is `version-conflict`.',
    example: 1,
    min: 1,
    max: 2_147_483_647,
    optional: true,
  })
  version?: number;
}
