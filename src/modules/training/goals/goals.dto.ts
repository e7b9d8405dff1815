import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  DayField,
  EnumField,
  IntegerField,
  ListField,
  NumberField,
  ObjectField,
  StringField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { type Status, statuses } from './goal-periods.js';
import { creation, update } from './goals.examples.js';
import { GoalFieldsDto } from './goals.fields.js';

/** Days of the longest period of progress, and of streaks. */
export const MAX_DAYS = 366;

@Documented({ description: 'A new goal.', examples: creation })
export class CreateGoalDto extends IntersectionType(GoalFieldsDto, CreateRecordDto) {}

@Documented({ description: 'Fields that are left out do not change.', examples: update })
export class UpdateGoalDto extends IntersectionType(PartialType(GoalFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One goal.' })
export class GoalDto extends IntersectionType(GoalFieldsDto, RecordDto) {}

@Documented({ description: 'A page of goals.' })
export class GoalPageDto extends Page {
  @ListField({ description: 'Goals, the newest first.', type: () => GoalDto })
  data!: GoalDto[];
}

export class GoalProgressQuery {
  @DayField({ description: 'The first local day.', example: '2026-01-01' })
  from!: string;

  @DayField({
    description: `The last local day, at most ${MAX_DAYS - 1} days later.`,
    example: '2026-01-31',
  })
  to!: string;
}

@Documented({ description: 'One period of a goal.' })
export class GoalPeriodDto {
  @DayField({ description: 'The first local day.', example: '2026-01-06' }) start!: string;

  @DayField({
    description: 'The last local day. Null for a total without an end.',
    example: '2026-01-06',
    nullable: true,
  })
  end!: string | null;

  @NumberField({
    description:
      'The value, in the `unit` of the goal, as the daily summaries of the area have it. Days that have none do not count as zero; null if no day has one.',
    example: 8_412,
    nullable: true,
  })
  value!: number | null;

  @NumberField({
    description:
      'The value in percent of the target; for `reach` and `reduce_to` the part of the way from `start_value`. Null if it is not known.',
    example: 105.2,
    nullable: true,
  })
  percent!: number | null;

  @BooleanField({
    description: 'Whether a part of the value is unknown, such as the energy of one of the meals.',
    example: false,
  })
  isPartial!: boolean;

  @EnumField({
    description: 'The status.',
    example: 'met',
    values: statuses,
    name: 'GoalStatus',
    meaning:
      'An upper limit is `met` only when the period is over. `no_data`: the period is over and nothing is known of it.',
  })
  status!: Status;
}

@Documented({ description: 'The periods of a goal.' })
export class GoalProgressDto {
  @StringField({ description: 'The unit of all values.', example: 'steps', max: 32 }) unit!: string;
  @ListField({ description: 'Periods that have begun, the earliest first.', type: () => GoalPeriodDto })
  data!: GoalPeriodDto[];
}

const count = { min: 0, max: MAX_DAYS };

@Documented({ description: 'Where a goal stands today.' })
export class GoalStandingDto {
  @ObjectField({ description: 'The goal.', type: () => GoalDto }) goal!: GoalDto;

  @ObjectField({
    description: 'The period of today. Null on a day that does not count.',
    type: () => GoalPeriodDto,
    nullable: true,
  })
  current!: GoalPeriodDto | null;

  @IntegerField({
    description: 'Periods that were met in a row up to now, within the last 366 days.',
    example: 4,
    ...count,
  })
  currentStreak!: number;

  @IntegerField({ description: 'The longest streak of the last 366 days.', example: 12, ...count })
  longestStreak!: number;
}

@Documented({ description: 'The goals of today.' })
export class GoalStandingsDto {
  @DayField({ description: 'Today, in the time zone of the profile.', example: '2026-01-06' })
  localDate!: string;

  @ListField({
    description: 'Goals that have begun, are not over and not archived; the newest first.',
    type: () => GoalStandingDto,
  })
  data!: GoalStandingDto[];
}
