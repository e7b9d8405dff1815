import { PickType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanQuery,
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  IntegerQuery,
  ListField,
  NumberField,
  ObjectField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { ROLL_UP } from './custom-metrics.dto.js';
import { HealthMetricDto } from './health-metrics.dto.js';
import { SourceField } from './health-metrics.fields.js';
import type { RollUp } from './metric-kind.js';
import { latest, summary, trend } from './metric-summary.examples.js';
import { TimeInRangeDto } from './time-in-range.dto.js';

const ValueField = (description: string, example: number, nullable = true) =>
  NumberField({ description: `${description}, in the canonical unit.`, example, nullable });

export class MetricPeriodQuery {
  @DayField({ description: 'The first local day.', example: '2026-01-01' })
  from!: string;

  @DayField({
    description: 'The last local day, at most 3 659 days later; 30 for hours.',
    example: '2026-01-31',
  })
  to!: string;
}

export class MetricSummaryQuery extends MetricPeriodQuery {
  @EnumField({
    description: 'The length of a bucket. Default: `day`.',
    example: 'day',
    values: ['hour', 'day', 'week', 'month'],
    name: 'MetricBucketLength',
    meaning: '`hour` and `day` are local; a `week` begins on Monday; a `month` is one of the calendar.',
    optional: true,
  })
  bucket?: 'hour' | 'day' | 'week' | 'month';

  @BooleanQuery({
    description:
      'Whether each bucket explains its sum. Only for a kind with the roll-up `sum`, for hours and days, for at most 31 days, 20 000 readings and 5 000 pieces of time.',
    example: false,
  })
  explain: boolean = false;
}

@Documented({ description: 'A piece of time of one source that counts.' })
export class ExplainedIntervalDto {
  @SourceField({ description: 'The source that counts.' }) source!: string;

  @InstantField({ description: 'When the piece begins.', example: '2026-01-06T06:40:00.000Z' })
  startedAt!: Date;

  @InstantField({
    description: 'When it ends; the same instant for a reading that is no interval.',
    example: '2026-01-06T07:10:00.000Z',
  })
  endedAt!: Date;

  @ValueField('What the piece counts', 2_140, false) value!: number;
}

@Documented({ description: 'What one source sent, and how much of it counts.' })
export class ExplainedSourceDto {
  @SourceField({ description: 'The source.' }) source!: string;
  @IntegerField({ description: 'Its readings.', example: 12, min: 0, max: 2_147_483_647 }) count!: number;
  @ValueField('The sum of its readings', 6_120, false) sent!: number;
  @ValueField('The part of it that counts', 412, false) counted!: number;
}

@Documented({ description: 'Why a bucket has its sum.' })
export class MetricExplanationDto {
  @ListField({
    description:
      'The pieces of time that count, in their order. Their values add up to the sum. One is negative where an amount of a period, such as the water of a day, counts less, because single readings of that time count.',
    type: () => ExplainedIntervalDto,
  })
  intervals!: ExplainedIntervalDto[];

  @ListField({
    description: 'The sources with a reading in the bucket, in the person’s order.',
    type: () => ExplainedSourceDto,
  })
  sources!: ExplainedSourceDto[];
}

@Documented({ description: 'One component of a bucket, such as the systolic pressure.' })
export class MetricComponentBucketDto {
  @StringField({ description: 'The name of the component.', example: 'systolic', max: 32 })
  name!: string;

  @ValueField('The value by the roll-up of the kind', 124, false) value!: number;
  @ValueField('The lowest value', 118, false) minimum!: number;
  @ValueField('The highest value', 131, false) maximum!: number;
  @ValueField('The mean', 124, false) average!: number;
  @ValueField('The value that was measured last', 122) last!: number | null;
  @IntegerField({ description: 'Number of values.', example: 3, min: 0, max: 2_147_483_647 }) count!: number;
}

@Documented({ description: 'The readings of one hour, day, week or month.' })
export class MetricBucketDto {
  @DayField({ description: 'The first local day of the bucket.', example: '2026-01-06' })
  localDate!: string;

  @IntegerField({
    description:
      'The local hour, for `bucket=hour`; else null. The hour that is repeated in autumn is one hour.',
    example: 7,
    min: 0,
    max: 23,
    nullable: true,
  })
  hour!: number | null;

  @ValueField('The value by the roll-up of the kind; null for a kind with components', 8_412)
  value!: number | null;

  @ValueField('The sum. For intervals, time that several readings share counts once', 8_412)
  sum!: number | null;

  @ValueField('The lowest value; for a sum, the lowest of the days', 8_412) minimum!: number | null;
  @ValueField('The highest value; for a sum, the highest of the days', 8_412) maximum!: number | null;
  @ValueField('The mean of the values; for a sum, of the days with a reading', 8_412)
  average!: number | null;
  @ValueField('The value that was measured last; null for a sum', 72) last!: number | null;

  @IntegerField({ description: 'Number of readings.', example: 27, min: 0, max: 2_147_483_647 })
  count!: number;

  @IntegerField({ description: 'Days of the bucket with a reading.', example: 1, min: 0, max: 31 })
  days!: number;

  @NumberField({
    description:
      '`days` as a part of all days of the bucket. The first and the last week or month have only the days of the period.',
    example: 1,
    min: 0,
    max: 1,
  })
  coverage!: number;

  @ObjectField({
    description:
      'For a kind with a `target`, such as `blood_glucose`; null for others. A reading counts as it is shown, with the decimals of the kind.',
    type: () => TimeInRangeDto,
    nullable: true,
  })
  timeInRange!: TimeInRangeDto | null;

  @ListField({ description: 'The components of a kind that has some.', type: () => MetricComponentBucketDto })
  components!: MetricComponentBucketDto[];

  @ObjectField({
    description: 'Which source counts when; only with `explain=true`.',
    type: () => MetricExplanationDto,
    optional: true,
  })
  explanation?: MetricExplanationDto;
}

@Documented({
  description: 'A period in buckets. Buckets without a reading are left out.',
  examples: summary,
})
export class MetricSummaryDto {
  @StringField({ description: 'The kind.', example: 'steps', max: 64 })
  metric!: string;

  @StringField({ description: 'The canonical unit of all values.', example: 'steps', max: 32 })
  unit!: string;

  @EnumField({ description: 'The roll-up that `value` has.', example: 'sum', ...ROLL_UP })
  rollUp!: RollUp;

  @ListField({ description: 'Buckets, the earliest first.', type: () => MetricBucketDto })
  data!: MetricBucketDto[];
}

export class MetricTrendQuery extends PickType(MetricPeriodQuery, ['from', 'to']) {
  @IntegerQuery({
    description: 'After this many days a value counts half as much.',
    example: 7,
    min: 1,
    max: 90,
    default: 7,
  })
  halfLifeDays: number = 7;

  @IntegerQuery({
    description: 'Days of the forecast after the last day with a value.',
    example: 28,
    min: 1,
    max: 180,
    default: 28,
  })
  forecastDays: number = 28;
}

@Documented({ description: 'The value of a day and the smoothed value.' })
export class MetricTrendDayDto {
  @DayField({ description: 'The local day.', example: '2026-01-06' }) localDate!: string;
  @ValueField('The value of the day by the roll-up of the kind', 75.5, false) value!: number;
  @ValueField('The smoothed value', 75.8, false) trend!: number;
}

@Documented({ description: 'What is expected of a day.' })
export class MetricForecastDayDto {
  @DayField({ description: 'The local day.', example: '2026-02-06' }) localDate!: string;
  @ValueField('The expected value', 74.9, false) value!: number;
  @ValueField('One value of forty is expected below', 73.8, false) low!: number;
  @ValueField('One value of forty is expected above', 76, false) high!: number;
}

@Documented({ description: 'The trend of a kind.', examples: trend })
export class MetricTrendDto {
  @StringField({ description: 'The kind.', example: 'body_weight', max: 64 }) metric!: string;
  @StringField({ description: 'The canonical unit of all values.', example: 'kg', max: 32 }) unit!: string;

  @IntegerField({ description: 'The half-life that was used, in days.', example: 7, min: 1, max: 90 })
  halfLifeDays!: number;

  @ValueField('The change in a week; null when there is no forecast', -0.2) changePerWeek!: number | null;

  @ListField({ description: 'Days with a value, the earliest first.', type: () => MetricTrendDayDto })
  data!: MetricTrendDayDto[];

  @ListField({
    description: 'The days after the last one. Empty when fewer than 14 days have a value.',
    type: () => MetricForecastDayDto,
  })
  forecast!: MetricForecastDayDto[];
}

@Documented({ description: 'A quantity as it was entered.' })
export class EnteredQuantityDto {
  @UuidField({ description: 'Id of the reading.', example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10' })
  id!: string;

  @NumberField({ description: 'The value as entered.', example: 166.4 })
  value!: number;

  @StringField({ description: 'The unit as entered.', example: 'lb', max: 32 })
  unit!: string;

  @InstantField({ description: 'When it was measured.', example: '2026-01-06T20:30:00.000Z' })
  measuredAt!: Date;
}

@Documented({ description: 'The body mass index of the latest weight and the latest height.' })
export class BodyMassIndexDto {
  @NumberField({ description: 'Kilograms by square metre, with one decimal.', example: 24.1 })
  value!: number;

  @StringField({ description: 'Its unit.', example: 'kg/m2', max: 16 })
  unit!: string;

  @ObjectField({ description: 'The weight.', type: () => EnteredQuantityDto })
  weight!: EnteredQuantityDto;

  @ObjectField({ description: 'The height.', type: () => EnteredQuantityDto })
  height!: EnteredQuantityDto;
}

@Documented({ description: 'The newest reading of each kind.', examples: latest })
export class LatestMetricsDto {
  @ListField({
    description:
      'One reading for each kind that has some, the newest that is `shown`, in the order of `GET /api/health-metrics/kinds`.',
    type: () => HealthMetricDto,
  })
  data!: HealthMetricDto[];

  @ObjectField({
    description: 'Null without a weight and a height.',
    type: () => BodyMassIndexDto,
    nullable: true,
  })
  bodyMassIndex!: BodyMassIndexDto | null;
}
