import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { EnumField, InstantField, ListField, TimeZoneField, UuidField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import type { WeightUnit } from '../../../kernel/quantities/weight.js';
import {
  CreateRecordDto,
  PeriodQuery,
  RecordDto,
  UpdateRecordDto,
} from '../../../records/define/record.dto.js';
import {
  DefaultSourceField,
  DefaultTimeZoneField,
  DeviceField,
  ExternalIdField,
  LocalDateField,
  SourceField,
  timeZone,
  UtcOffsetField,
} from './health-metrics.fields.js';
import { creation, page, update } from './weight-examples.js';
import { timestamp, unit, USER_ID, WeightField } from './weight.fields.js';

@Documented({ description: 'The values of a weight that a person enters.' })
export class WeightFieldsDto {
  @WeightField()
  weightValue!: number;

  @EnumField(unit)
  unit!: WeightUnit;

  @InstantField(timestamp)
  timestamp!: Date;

  @DefaultSourceField()
  source?: string;

  @ExternalIdField()
  externalId?: string | null;

  @DeviceField()
  device?: string | null;

  @DefaultTimeZoneField()
  timeZone?: string;
}

@Documented({ description: 'A weight as sync delivers it.' })
export class WeightDataDto extends WeightFieldsDto {
  @SourceField()
  declare source: string;

  @TimeZoneField(timeZone)
  declare timeZone: string;

  @LocalDateField()
  localDate!: string;

  @UtcOffsetField()
  utcOffsetMin!: number;
}

@Documented({
  description:
    'One measured body weight. `source` and all that is not required is shown only of a weight that a source uploaded.',
})
export class WeightEntryDto extends IntersectionType(WeightFieldsDto, RecordDto) {
  @UuidField({ description: 'Id of the owner.', example: USER_ID })
  userId!: string;

  @LocalDateField({ optional: true })
  localDate?: string;

  @UtcOffsetField({ optional: true })
  utcOffsetMin?: number;
}

@Documented({ description: 'A new weight.', examples: creation })
export class CreateWeightDto extends IntersectionType(WeightFieldsDto, CreateRecordDto) {}

@Documented({
  description: 'Fields that are left out do not change. A value and its unit must be sent together.',
  together: ['weight_value', 'unit'],
  examples: update,
})
export class UpdateWeightDto extends IntersectionType(PartialType(WeightFieldsDto), UpdateRecordDto) {}

/** Which weights a list has. */
export class WeightQuery extends PeriodQuery {
  @SourceField({ description: 'Only weights of this source.', optional: true })
  source?: string;
}

@Documented({ description: 'A page of weights.', examples: page })
export class WeightPageDto extends Page {
  @ListField({ description: 'Entries, the most recently measured first.', type: () => WeightEntryDto })
  data!: WeightEntryDto[];
}
