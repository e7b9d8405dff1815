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

export const unavailabilities = ['subject', 'unit'] as const;
export type Unavailable = (typeof unavailabilities)[number];

const items = { min: 0, max: Number.MAX_SAFE_INTEGER };

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

@Documented({ description: 'Of how many items of meals a nutrient is known.' })
export class GoalCoverageDto {
  @IntegerField({ description: 'Items with a known value.', example: 11, ...items }) known!: number;
  @IntegerField({ description: 'All items.', example: 12, ...items }) total!: number;
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
    description:
      'Whether a part of the value is unknown, such as the energy of one of the items, or a day with more sleep sessions or doses than can be computed.',
    example: false,
  })
  isPartial!: boolean;

  @ObjectField({
    description:
      'For a nutrient, of how many of the items in the period it is known. Null for other subjects.',
    type: () => GoalCoverageDto,
    nullable: true,
  })
  coverage!: GoalCoverageDto | null;

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
  @EnumField({
    description: 'Why nothing can be computed. Null if it can.',
    example: null as unknown as Unavailable,
    values: unavailabilities,
    name: 'GoalUnavailable',
    meaning:
      '`subject`: it does not exist, such as a kind of one’s own that was deleted. `unit`: the subject has another unit now.',
    nullable: true,
  })
  unavailable!: Unavailable | null;

  @ListField({ description: 'Periods that have begun, the earliest first.', type: () => GoalPeriodDto })
  data!: GoalPeriodDto[];
}

const count = { min: 0, max: MAX_DAYS };

@Documented({ description: 'Where a goal stands today.' })
export class GoalStandingDto {
  @ObjectField({ description: 'The goal.', type: () => GoalDto }) goal!: GoalDto;

  @EnumField({
    description: 'Why nothing can be computed. Null if it can.',
    example: null as unknown as Unavailable,
    values: unavailabilities,
    name: 'GoalUnavailable',
    meaning:
      '`subject`: it does not exist, such as a kind of one’s own that was deleted. `unit`: the subject has another unit now.',
    nullable: true,
  })
  unavailable!: Unavailable | null;

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
