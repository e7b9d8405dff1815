import { ClockTimeField } from '../../../kernel/http/clock-time.js';
import { Documented } from '../../../kernel/http/documented.js';
import {
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  StringField,
  TimeZoneField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { WINDOW_MIN } from './dose-states.js';
import { RECURRENCES, type Recurrence, WEEKDAYS } from './dose-slots.js';
import { AmountField } from './medications.fields.js';
import { creation, daily, interval } from './schedules.examples.js';

/** One every hour. */
export const MAX_DOSES = 24;
/** With all doses of a day they fit into their column. */
export const MAX_STEPS = 30;
/** Windows of neighbouring days must not reach further. */
const MAX_WINDOW_MIN = 1_440;

const none = { optional: true, nullable: true } as const;
const CountField = (description: string, example: number, max: number) =>
  IntegerField({ description, example, min: 1, max, ...none });

@Documented({ description: 'A dose of a day.' })
export class PlannedDoseDto {
  @ClockTimeField({ description: 'Time on the clock of the schedule, `HH:MM`.', example: '08:00' })
  localTime!: string;

  @AmountField('How much, in the `dose_unit` of the medication.', 1) amount!: number;
}

@Documented({ description: 'A part of a taper.' })
export class TaperStepDto {
  @IntegerField({ description: 'How many days it lasts.', example: 3, min: 1, max: 366 })
  days!: number;

  @ListField({ description: 'The doses of each day.', type: () => PlannedDoseDto, min: 1, max: MAX_DOSES })
  doses!: PlannedDoseDto[];
}

@Documented({
  description:
    'One version of a schedule. Of the fields that only some recurrences have, exactly those of its own are sent.',
  examples: creation,
})
export class ScheduleFieldsDto {
  @UuidField({ description: 'The medication.', example: daily.medication_id })
  medicationId!: string;

  @UuidField({
    description:
      'For a change: the id of the first version of the schedule. The `id` of a change is the UUIDv5 of `{version_of}/{starts_on}`, which REST derives. Null for a new schedule.',
    example: null,
    ...none,
  })
  versionOf?: string | null;

  @EnumField({
    description: 'When doses are expected.',
    example: daily.recurrence,
    values: RECURRENCES,
    name: 'Recurrence',
    meaning:
      '`daily`; `weekdays`: on some days of the week; `every_n_days`: every `every_days` days; `cyclic`: `days_on` days with doses, then `days_off` days without; `monthly`: on `month_day`, or the last day of a shorter month; `interval_hours`: every so many hours of true time; `as_needed`: none; `taper`: in `steps`, then none; `paused`: none.',
  })
  recurrence!: Recurrence;

  @DayField({
    description: 'The first local day. A version counts until the day before the next version begins.',
    example: daily.starts_on,
  })
  startsOn!: string;

  @DayField({ description: 'The last local day with doses. Null for no end.', example: null, ...none })
  endsOn?: string | null;

  @EnumField({
    description: 'On which clock the times are.',
    example: daily.zone_mode,
    values: ['floating', 'fixed'],
    name: 'ScheduleZoneMode',
    meaning:
      '`floating`: on the clock where the person is, 8:00 in every country; `fixed`: on the clock of `time_zone`, wherever the person is.',
  })
  zoneMode!: 'floating' | 'fixed';

  @TimeZoneField({
    description:
      'IANA time zone: the clock of a `fixed` schedule, and of a `floating` one where it was made.',
    example: daily.time_zone,
  })
  timeZone!: string;

  @ListField({
    description:
      'The doses of a day, each at another time. Not for `interval_hours`, `taper`, `as_needed`, `paused`.',
    type: () => PlannedDoseDto,
    min: 1,
    max: MAX_DOSES,
    ...none,
  })
  doses?: PlannedDoseDto[] | null;

  @WordListField({
    description: 'Only for `weekdays`.',
    example: null,
    values: WEEKDAYS,
    min: 1,
    max: 7,
    ...none,
  })
  weekdays?: string[] | null;

  @CountField('Only for `every_n_days`: 2 for every other day.', 2, 366) everyDays?: number | null;
  @CountField('Only for `cyclic`: days with doses.', 21, 366) daysOn?: number | null;
  @CountField('Only for `cyclic`: days without.', 7, 366) daysOff?: number | null;
  @CountField('Only for `monthly`: 31 is the last day of every month.', 1, 31) monthDay?: number | null;

  @DayField({
    description:
      'For `every_n_days`, `cyclic` and `taper`: the day from which is counted, at most ten years before `starts_on`. A change sends the day of the first version to go on counting. Null for `starts_on`.',
    example: null,
    ...none,
  })
  countsFrom?: string | null;

  @IntegerField({
    description: 'Only for `interval_hours`: hours of true time between doses.',
    example: interval.interval_hours,
    min: 1,
    max: 744,
    ...none,
  })
  intervalHours?: number | null;

  @InstantField({
    description: 'Only for `interval_hours`: the first dose, at a whole second.',
    example: interval.interval_start,
    ...none,
  })
  intervalStart?: Date | null;

  @AmountField('Only for `interval_hours`: each dose, in the `dose_unit` of the medication.', 1, none)
  amount?: number | null;

  @ListField({
    description: 'Only for `taper`. After the last step no dose is expected.',
    type: () => TaperStepDto,
    min: 1,
    max: MAX_STEPS,
    ...none,
  })
  steps?: TaperStepDto[] | null;

  @IntegerField({
    description: `How many minutes early a dose is in time. Null for ${WINDOW_MIN}.`,
    example: 60,
    min: 0,
    max: MAX_WINDOW_MIN,
    ...none,
  })
  windowBeforeMin?: number | null;

  @IntegerField({
    description: `How many minutes late a dose is in time; after them it is missed. Null for ${WINDOW_MIN}.`,
    example: daily.window_after_min,
    min: 0,
    max: MAX_WINDOW_MIN,
    ...none,
  })
  windowAfterMin?: number | null;

  @EnumField({
    description: 'How it is taken relative to meals.',
    example: daily.meal_relation,
    values: ['before', 'with', 'after', 'away'],
    name: 'MealRelation',
    meaning: '`before`, `with` or `after` a meal, or `away` from meals.',
    ...none,
  })
  mealRelation?: string | null;

  @StringField({ description: 'A free note.', example: 'With a glass of water', max: 1_000, ...none })
  note?: string | null;
}

@Documented({ description: 'A version of a schedule as it is stored.' })
export class ScheduleDataDto extends ScheduleFieldsDto {
  @InstantField({
    description:
      'For a change whose first day had begun when it was made: from when it counts. Earlier doses are those of the version before. Null if it counts from the beginning of `starts_on`.',
    example: null,
    nullable: true,
  })
  countsAt!: Date | null;
}
