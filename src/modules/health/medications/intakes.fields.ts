import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  InstantField,
  TextField,
  TimeZoneField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { asNeeded, creation, slot } from './intakes.examples.js';
import { AmountField } from './medications.fields.js';

export const INTAKE_STATUSES = ['taken', 'skipped', 'snoozed'] as const;
export type IntakeStatus = (typeof INTAKE_STATUSES)[number];

const none = { optional: true, nullable: true } as const;

export const IntakeStatusField = () =>
  EnumField({
    description: 'What became of the dose.',
    example: asNeeded.status,
    values: INTAKE_STATUSES,
    name: 'IntakeStatus',
    meaning:
      '`taken`; `skipped`: it will not be taken; `snoozed`: the person wants to be reminded later. A dose without an intake is missed when its window is over.',
  });

/** @param more `none`, where a dose may have no slot */
export const SlotField = (more: object = {}) =>
  CodeField({
    description:
      'What names the dose among those of its schedule, as in `GET /api/medications/doses`: date and time on the clock of the schedule, or an instant for `interval_hours`.',
    example: slot.slot,
    pattern:
      /^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]Z)?$/,
    mustBe: 'a date of the years 1900 to 2199 and a time, such as 2026-01-05T08:00 or 2026-01-05T07:00:00Z',
    max: 20,
    ...more,
  });

@Documented({
  description:
    'A dose that was taken, skipped or put off. One of a schedule has `schedule_id`, `slot` and `scheduled_for`, and one id for everybody who ticks it; one as needed has none of them and is taken.',
  examples: creation,
})
export class IntakeFieldsDto {
  @UuidField({ description: 'The medication.', example: asNeeded.medication_id })
  medicationId!: string;

  @UuidField({
    description:
      'The id of the first version of the schedule. The `id` of the intake is then the UUIDv5 of `{schedule_id}/{slot}`, which REST derives. Null for a dose as needed.',
    example: null,
    ...none,
  })
  scheduleId?: string | null;

  @SlotField(none)
  slot?: string | null;

  @InstantField({ description: 'When the dose was due.', example: slot.scheduled_for, ...none })
  scheduledFor?: Date | null;

  @TimeZoneField({
    description: 'IANA time zone of the place. It decides the local day of a dose as needed.',
    example: asNeeded.time_zone,
  })
  timeZone!: string;

  @IntakeStatusField()
  status!: IntakeStatus;

  @InstantField({
    description:
      'When it was taken, at most 24 hours after the time of the service. For `taken`, and only for it.',
    example: asNeeded.taken_at,
    ...none,
  })
  takenAt?: Date | null;

  @AmountField(
    'How much was taken, in the `dose_unit` of the medication. For `taken`, and only for it.',
    1,
    none,
  )
  amount?: number | null;

  @InstantField({
    description:
      'When to remind again, after `scheduled_for` by at most 48 hours. For `snoozed`, and only for it.',
    example: null,
    ...none,
  })
  snoozedUntil?: Date | null;

  @TextField('Why it was not taken, or not in time.', 'Nausea', 500) reason?: string | null;
  @TextField('Where it was injected or applied.', 'Left thigh', 100) site?: string | null;
  @TextField('A free note.', asNeeded.note, 1_000) note?: string | null;

  @BooleanField({
    description:
      'Whether a person has seen that the dose breaks a limit of the medication. REST stores a dose that breaks one only with `true`; one that came by sync keeps its `alerts` open until a person sets it.',
    example: false,
    ...none,
  })
  confirmed?: boolean | null;
}
