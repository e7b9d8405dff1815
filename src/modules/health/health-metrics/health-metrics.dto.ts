import { IntersectionType, OmitType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  BooleanQuery,
  DayField,
  EnumField,
  IntegerField,
  ListField,
  MixedListField,
  NumberField,
  ObjectField,
  StringField,
  UuidField,
  WordListField,
} from '../../../kernel/http/fields.js';
import { Page, PageQuery } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { bulk, bulkResult, creation, kindCreation, page, update } from './health-metrics.examples.js';
import {
  HealthMetricDefaultsDto,
  HealthMetricOriginDto,
  HealthMetricValuesDto,
  LocalDateField,
  SourceField,
  UtcOffsetField,
} from './health-metrics.fields.js';
import { kindExamples } from './metric-kinds.docs.js';

export const MAX_BULK = 500;

@Documented({ description: 'The values of a reading that a person or a device enters.', examples: creation })
export class HealthMetricFieldsDto extends IntersectionType(HealthMetricValuesDto, HealthMetricOriginDto) {}

const PartField = (what: string) =>
  NumberField({ description: `${what}; null for other kinds.`, example: null, nullable: true });

@Documented({ description: 'A reading as sync delivers it.' })
export class HealthMetricDataDto extends HealthMetricFieldsDto {
  @LocalDateField()
  localDate!: string;

  @UtcOffsetField()
  utcOffsetMin!: number;

  @NumberField({
    description:
      'The value in the canonical unit of its kind, rounded to six decimals. Null for a kind with components.',
    example: 58,
    nullable: true,
  })
  canonicalValue!: number | null;

  @IntegerField({ description: 'The local hour.', example: 7, min: 0, max: 23 })
  localHour!: number;

  @PartField('Systolic pressure, in mmHg')
  systolicMmhg!: number | null;

  @PartField('Diastolic pressure, in mmHg')
  diastolicMmhg!: number | null;

  @PartField('Pulse of a blood pressure, per minute')
  pulsePerMin!: number | null;

  @WordListField({
    description: 'What is remarkable: `implausible` for a value outside the usual range of its kind.',
    example: [],
    values: ['implausible'],
    max: 4,
  })
  flags!: string[];
}

@Documented({
  description: 'A new reading. The examples show the accepted range of each kind in each of its units.',
  examples: { ...creation, ...kindExamples },
})
export class CreateHealthMetricDto extends IntersectionType(
  HealthMetricValuesDto,
  HealthMetricDefaultsDto,
  CreateRecordDto,
) {}

@Documented({ description: 'A new reading of the kind in the path.', examples: kindCreation })
export class CreateMetricOfKindDto extends OmitType(CreateHealthMetricDto, ['metric']) {}

@Documented({
  description:
    'Fields that are left out do not change. A value, or the components, and the unit must be sent together.',
  examples: update,
})
export class UpdateHealthMetricDto extends IntersectionType(
  PartialType(OmitType(HealthMetricValuesDto, ['metric'])),
  HealthMetricDefaultsDto,
  UpdateRecordDto,
) {}

@Documented({ description: 'One reading.' })
export class HealthMetricDto extends IntersectionType(HealthMetricDataDto, RecordDto) {}

@Documented({ description: 'One reading among others.' })
export class ListedMetricDto extends HealthMetricDto {
  @BooleanField({
    description:
      'False when the person has a reading of the same kind and minute from a source that comes first in their order. Always true for a kind with the roll-up `sum`.',
    example: true,
  })
  shown!: boolean;
}

@Documented({ description: 'A page of readings.', examples: page })
export class HealthMetricPageDto extends Page {
  @ListField({ description: 'Readings, the most recently measured first.', type: () => ListedMetricDto })
  data!: ListedMetricDto[];
}

/** Which readings a list has. */
export class HealthMetricQuery extends PageQuery {
  @DayField({ description: 'The first local day.', example: '2026-01-01', optional: true })
  from?: string;

  @DayField({ description: 'The last local day.', example: '2026-01-31', optional: true })
  to?: string;

  @SourceField({ description: 'Only readings of this source.', optional: true })
  source?: string;

  @BooleanQuery({ description: 'Whether only readings are listed that are `shown`.', example: true })
  shown: boolean = false;
}

/** Which readings the list of all kinds has. */
export class AllMetricsQuery extends HealthMetricQuery {
  @StringField({
    description:
      'Only readings of this kind, as at `GET /api/health-metrics/{kind}`. `weight` stands for `body_weight`.',
    example: 'heart_rate',
    max: 64,
    optional: true,
  })
  kind?: string;
}

@Documented({ description: 'Readings of any kinds.', examples: bulk })
export class BulkHealthMetricsDto {
  @MixedListField({
    description: 'Each reading is checked on its own, so a wrong one does not stop the others.',
    anyOf: [CreateHealthMetricDto],
    min: 1,
    max: MAX_BULK,
  })
  readings!: unknown[];
}

@Documented({ description: 'Why a reading was not stored.' })
export class MetricErrorDto {
  @StringField({ description: 'The field.', example: 'value', min: 0, max: 64 })
  field!: string;

  @StringField({ description: 'A stable code, as in a problem.', example: 'out-of-range', max: 64 })
  code!: string;

  @StringField({ description: 'What to change.', example: 'value must be from 15 to 320 /min', max: 300 })
  message!: string;
}

@Documented({ description: 'What became of one reading.' })
export class BulkHealthMetricDto {
  @EnumField({
    description: 'What became of it.',
    example: 'created',
    values: ['created', 'unchanged', 'updated', 'deleted', 'rejected'],
    name: 'MetricBulkStatus',
    meaning:
      '`created`: stored; `unchanged`: it was stored before; `updated`: its source corrected it; `deleted`: the person deleted it, and it stays deleted; `rejected`: see `error`.',
  })
  status!: string;

  @UuidField({
    description: 'Id of the reading; null when it was rejected.',
    example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
    nullable: true,
  })
  id!: string | null;

  @ObjectField({ description: 'Why it was rejected.', type: () => MetricErrorDto, optional: true })
  error?: MetricErrorDto;
}

@Documented({ description: 'What became of each reading.', examples: bulkResult })
export class BulkHealthMetricsResultDto {
  @ListField({ description: 'In the order of the request.', type: () => BulkHealthMetricDto })
  data!: BulkHealthMetricDto[];
}
