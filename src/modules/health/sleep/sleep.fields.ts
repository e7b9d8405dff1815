import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  NumberField,
  TextField,
  TimeZoneField,
} from '../../../kernel/http/fields.js';
import { SourceField } from '../health-metrics/health-metrics.fields.js';
import { MAX_INTERVAL_MS } from '../health-metrics/reading-rules.js';
import { creation, night } from './sleep.examples.js';

/** More than a device reports of one night. */
export const MAX_STAGES = 400;
export const STAGES = ['awake', 'light', 'deep', 'rem', 'asleep', 'in_bed'] as const;
export type SleepStage = (typeof STAGES)[number];

const optional = { optional: true, nullable: true } as const;
const MinutesField = (description: string, example: number) =>
  IntegerField({ description, example, min: 0, max: MAX_INTERVAL_MS / 60_000, ...optional });
const AverageField = (description: string, example: number, min: number, max: number) =>
  NumberField({ description: `${description}, from ${min} to ${max}.`, example, min, max, ...optional });

@Documented({ description: 'A part of a session in one stage.' })
export class SleepStageDto {
  @EnumField({
    description: 'The stage.',
    example: 'deep',
    values: STAGES,
    name: 'SleepStageName',
    meaning:
      '`awake`; `light`, `deep`, `rem`; `asleep`: asleep, but the source does not know how; `in_bed`: in bed, which may overlap the others.',
  })
  stage!: SleepStage;

  @InstantField({ description: 'When it began.', example: '2026-01-05T22:40:00.000Z' })
  startedAt!: Date;

  @InstantField({ description: 'When it ended, after it began.', example: '2026-01-05T23:35:00.000Z' })
  endedAt!: Date;
}

@Documented({
  description:
    'A session of sleep: `started_at` and `ended_at`, or, if the source knows only the day, `date` and `minutes_asleep`.',
  examples: creation,
})
export class SleepFieldsDto {
  @InstantField({
    description:
      'When the session began: ISO 8601 with an offset; returned in UTC. Null if only the day is known.',
    example: night.started_at,
    ...optional,
  })
  startedAt?: Date | null;

  @InstantField({
    description:
      'When it ended, at most 26 hours later, and at most 24 hours after the time of the service. Null if only the day is known.',
    example: night.ended_at,
    ...optional,
  })
  endedAt?: Date | null;

  @DayField({
    description:
      'The local day of the end, for a session without `started_at` and `ended_at`; null otherwise.',
    example: null,
    ...optional,
  })
  date?: string | null;

  @TimeZoneField({
    description:
      'IANA time zone of the place of waking up. It decides, once, which local day the session belongs to: the one on which it ended.',
    example: night.time_zone,
  })
  timeZone!: string;

  @BooleanField({ description: 'True for a nap, which no total of a night contains.', example: false })
  isNap!: boolean;

  @MinutesField(
    'Minutes asleep as the source counted them, at most the length of the session. If it is absent, they are counted from the stages; without stages they are the whole session.',
    415,
  )
  minutesAsleep?: number | null;

  @MinutesField('Minutes in bed as the source counted them; not fewer than `minutes_asleep`.', 450)
  minutesInBed?: number | null;

  @ListField({
    description:
      'The stages in their order, inside the session. Only `in_bed` may overlap other stages. Null if the source has none.',
    type: () => SleepStageDto,
    max: MAX_STAGES,
    ...optional,
  })
  stages?: SleepStageDto[] | null;

  @SourceField()
  source!: string;

  @TextField(
    'The source’s own id of the session. The `id` is then derived from it, so that a repeated upload stores the session once.',
    'sleep-38291',
    200,
  )
  externalId?: string | null;

  @AverageField('Score of the source', 84, 0, 100) score?: number | null;
  @AverageField('Average heart rate, per minute', 54, 15, 320) averageHeartRate?: number | null;
  @AverageField('Average heart rate variability (RMSSD), in milliseconds', 48, 0, 600)
  averageHrvMs?: number | null;
  @AverageField('Average oxygen saturation, in percent', 96, 30, 100) averageOxygenSaturation?: number | null;
  @AverageField('Average respiratory rate, per minute', 14.5, 1, 100) averageRespiratoryRate?: number | null;
  @TextField('The device that measured, in its own words.', night.device, 100) device?: string | null;
  @TextField('A free note.', night.note, 1_000) note?: string | null;
}
