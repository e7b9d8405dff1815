import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { Documented } from '../../../kernel/http/documented.js';
import {
  CodeField,
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  NumberField,
  ObjectField,
  StringField,
  TextField,
  TimeZoneField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { pulse } from './health-metrics.examples.js';
import { CUSTOM_RANGE } from './metric-kinds.js';

const NO_OUTER_SPACE = /^\S(.*\S)?$/s;

/** No space at the beginning or end, because databases differ in whether a trailing space makes two texts different. */
export const NoOuterSpace = () =>
  applyDecorators(
    Matches(NO_OUTER_SPACE, { message: '$property must not begin or end with white space' }),
    ApiProperty({ pattern: NO_OUTER_SPACE.source }),
  );

const SOURCE = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

/** A source, wherever it is named. */
export const source = {
  description:
    'Where the reading comes from: `manual`, `healthkit`, `health_connect`, `fitbit`, `csv`, `api`, or the id of an app or a device. 1 to 64 letters, digits, dots, colons, dashes or underscores.',
  example: 'healthkit',
  pattern: SOURCE,
  mustBe: '1 to 64 letters, digits, dots, colons, dashes or underscores, beginning with a letter or digit',
  max: 64,
};
/** The place of a reading. */
export const timeZone = {
  description:
    'IANA time zone of the place where it was measured. It decides, once, which local day the reading belongs to.',
  example: pulse.time_zone,
};

export const SourceField = (more: { description?: string; optional?: boolean } = {}) =>
  CodeField({ ...source, ...more });

/** What an author may leave out. */
export const DefaultSourceField = () =>
  SourceField({ description: `${source.description} Default: \`manual\`.`, optional: true });

export const DefaultTimeZoneField = () =>
  TimeZoneField({
    ...timeZone,
    description: `${timeZone.description} Default: the time zone of your profile at the time of writing.`,
    optional: true,
  });

export const LocalDateField = (more: { optional?: boolean } = {}) =>
  DayField({
    description: 'The local day that the reading belongs to. It never changes by itself.',
    example: '2026-01-06',
    ...more,
  });

export const UtcOffsetField = (more: { optional?: boolean } = {}) =>
  IntegerField({
    description: 'Minutes that `time_zone` was ahead of UTC then.',
    example: 60,
    min: -960,
    max: 960,
    ...more,
  });

/** Code points, as everywhere in texts; no control characters, and no halves of surrogate pairs. */
const TAG = {
  pattern: /^[^\u0000-\u001f\u007f\ud800-\udfff]{1,32}$/u,
  mustBe: '1 to 32 characters, without control characters',
};

export const ExternalIdField = () =>
  TextField(
    'The source’s own id of the reading. The `id` of the reading is then derived from it, so that a repeated upload stores it once.',
    'HKQuantitySample-5B1F0C66',
    200,
  );

export const DeviceField = () => TextField('The device that measured, in its own words.', pulse.device, 100);

@Documented({ description: 'The values of a blood pressure.' })
export class MetricComponentsDto {
  @NumberField({ description: 'Systolic pressure, in `unit`: 40 to 320 mmHg.', example: 128 })
  systolic!: number;

  @NumberField({
    description: 'Diastolic pressure, in `unit`: 20 to 220 mmHg, and less than the systolic.',
    example: 82,
  })
  diastolic!: number;

  @NumberField({
    description: 'Pulse of the cuff, per minute, whatever `unit` is: 15 to 320.',
    example: 64,
    optional: true,
    nullable: true,
  })
  pulse?: number | null;
}

const MetricField = () =>
  CodeField({
    description:
      'What was measured: the `name` of a kind of `GET /api/health-metrics/kinds`, or `custom:` and the id of a kind of your own.',
    example: pulse.metric,
    pattern: /^[a-z][a-z0-9_]*(:[\da-f-]{36})?$/,
    mustBe: 'the name of a kind, such as heart_rate',
    max: 64,
  });

/** The values of a reading, without those that have a default. */
export class HealthMetricValuesDto {
  @MetricField()
  metric!: string;

  @NumberField({
    description:
      'The value as entered, in `unit`; returned unchanged. Its range depends on the kind and the unit. Null for a kind with components.',
    example: pulse.value,
    min: CUSTOM_RANGE[0],
    max: CUSTOM_RANGE[1],
    optional: true,
    nullable: true,
  })
  value?: number | null;

  @StringField({
    description: 'Unit of the value as entered: one of the `units` of the kind, or its UCUM code.',
    example: pulse.unit,
    max: 32,
  })
  unit!: string;

  @ObjectField({
    description: 'The values of a kind with components, such as `blood_pressure`, in place of `value`.',
    type: () => MetricComponentsDto,
    optional: true,
    nullable: true,
  })
  components?: MetricComponentsDto | null;

  @InstantField({
    description:
      'When it was measured, or when the interval began: ISO 8601 with an offset; returned in UTC. At most 24 hours after the time of the service.',
    example: pulse.measured_at,
  })
  measuredAt!: Date;

  @InstantField({
    description:
      'When the interval ended: after `measured_at`, by at most 26 hours. Required for a kind with the shape `interval`, such as `steps`. Other kinds with the roll-up `sum`, such as `water_intake`, may have it: the value is then the amount of that time, such as a day. Not allowed for the rest.',
    example: null,
    optional: true,
    nullable: true,
  })
  endedAt?: Date | null;

  @CodeField({
    description: 'The circumstance: one of the `contexts` of the kind.',
    example: pulse.context,
    pattern: /^[a-z][a-z0-9_]*$/,
    mustBe: 'one of the contexts of the kind, such as fasting',
    max: 32,
    optional: true,
    nullable: true,
  })
  context?: string | null;

  @ExternalIdField()
  externalId?: string | null;

  @DeviceField()
  device?: string | null;

  @EnumField({
    description: 'How the value came about.',
    example: pulse.modality,
    values: ['sensed', 'self_reported'],
    name: 'MetricModality',
    meaning: '`sensed`: a device measured it; `self_reported`: the person said so.',
    optional: true,
    nullable: true,
  })
  modality?: string | null;

  @TextField('A free note.', pulse.note, 1_000)
  note?: string | null;

  @WordListField({
    description:
      'What it has to do with, in the person’s own words and order: up to 10 different texts of 1 to 32 characters. Only for a kind with `has_tags`, such as `mood`. Null when there are none; an empty list becomes null.',
    example: null,
    words: TAG,
    max: 10,
    optional: true,
    nullable: true,
  })
  tags?: string[] | null;
}

/** The place of a reading and its source, as sync stores them. */
export class HealthMetricOriginDto {
  @TimeZoneField(timeZone)
  timeZone!: string;

  @SourceField()
  source!: string;
}

/** The same for a client that is online: the service knows the profile. */
export class HealthMetricDefaultsDto {
  @DefaultTimeZoneField()
  timeZone?: string;

  @DefaultSourceField()
  source?: string;
}
