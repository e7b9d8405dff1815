import { IntersectionType, OmitType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  DayField,
  InstantField,
  IntegerField,
  ListField,
  ObjectField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { HealthMetricDefaultsDto, SourceField } from '../health-metrics/health-metrics.fields.js';
import { creation, night, nightIds, nights, page, update } from './sleep.examples.js';
import { SleepFieldsDto } from './sleep.fields.js';

/** Sessions that one request compares: more than a person has in a year. */
export const MAX_SESSIONS = 5_000;

const localDate = {
  description: 'The local day on which it ended, in its own time zone.',
  example: '2026-01-06',
};
const TotalField = (what: string, example: number) =>
  IntegerField({
    description: `Seconds ${what}; null if no source knows.`,
    example,
    min: 0,
    max: 2_147_483_647,
    nullable: true,
  });

/** How long somebody slept. An unknown value does not count as zero. */
class SleepTotalsDto {
  @TotalField('asleep', 25_200) asleepSeconds!: number | null;
  @TotalField('in bed', 27_000) inBedSeconds!: number | null;
  @TotalField('awake in bed', 900) awakeSeconds!: number | null;
  @TotalField('in light sleep', 14_400) lightSeconds!: number | null;
  @TotalField('in deep sleep', 5_400) deepSeconds!: number | null;
  @TotalField('in REM sleep', 5_400) remSeconds!: number | null;
}

@Documented({ description: 'A session as sync delivers it, with its totals.' })
export class SleepDataDto extends IntersectionType(SleepFieldsDto, SleepTotalsDto) {
  @DayField(localDate) localDate!: string;
}

class SleepDefaultsDto extends HealthMetricDefaultsDto {
  @BooleanField({
    description: 'True for a nap, which no total of a night contains. Default: false.',
    example: false,
    optional: true,
  })
  isNap?: boolean;
}

@Documented({ description: 'A new session.', examples: creation })
export class CreateSleepDto extends IntersectionType(
  OmitType(SleepFieldsDto, ['timeZone', 'source', 'isNap']),
  SleepDefaultsDto,
  CreateRecordDto,
) {}

@Documented({
  description: 'Fields that are left out do not change; `stages` is replaced as a whole.',
  examples: update,
})
export class UpdateSleepDto extends IntersectionType(PartialType(SleepFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One session of sleep.' })
export class SleepDto extends IntersectionType(SleepDataDto, RecordDto) {}

@Documented({ description: 'A page of sessions.', examples: page })
export class SleepPageDto extends Page {
  @ListField({ description: 'Sessions, the one that ended last first.', type: () => SleepDto })
  data!: SleepDto[];
}

export class SleepQuery extends PageQuery {
  @DayField({ description: 'The first local day.', example: '2026-01-01', optional: true })
  from?: string;

  @DayField({ description: 'The last local day.', example: '2026-01-31', optional: true })
  to?: string;

  @SourceField({ description: 'Only sessions of this source.', optional: true })
  source?: string;
}

export class NightsQuery {
  @DayField({ description: 'The first local day.', example: '2026-01-01' })
  from!: string;

  @DayField({ description: 'The last local day, at most 365 days later.', example: '2026-01-31' })
  to!: string;
}

@Documented({ description: 'The sum of the sessions that count.' })
export class SleepSumDto extends SleepTotalsDto {
  @IntegerField({ description: 'Number of sessions in the sum.', example: 1, min: 0, max: MAX_SESSIONS })
  sessionCount!: number;
}

@Documented({
  description: 'The sleep of one local day. No hour counts twice, however many sources saw it.',
})
export class NightDto {
  @DayField({ ...localDate, description: 'The local day on which it ended.' })
  localDate!: string;

  @InstantField({
    description: 'When the night began; null if no source knows.',
    example: night.started_at,
    nullable: true,
  })
  startedAt!: Date | null;

  @InstantField({
    description: 'When the night ended; null if no source knows.',
    example: night.ended_at,
    nullable: true,
  })
  endedAt!: Date | null;

  @ObjectField({ description: 'The night, without naps.', type: () => SleepSumDto })
  night!: SleepSumDto;

  @ObjectField({ description: 'The naps of the day.', type: () => SleepSumDto })
  naps!: SleepSumDto;

  @WordListField({
    description: 'Ids of the sessions in the sums.',
    example: nightIds.counted,
    max: MAX_SESSIONS,
  })
  counted!: readonly string[];

  @WordListField({
    description:
      'Ids of the sessions that do not count, because they overlap one of a source that comes first, or a longer one of the same source.',
    example: [],
    max: MAX_SESSIONS,
  })
  replaced!: readonly string[];
}

@Documented({
  description: 'Nights in the order of their days. Days without sleep are left out.',
  examples: nights,
})
export class NightsDto {
  @ListField({ description: 'The days.', type: () => NightDto })
  data!: NightDto[];
}
