import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  DayField,
  EnumField,
  InstantField,
  ListField,
  TimeZoneField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import type { WeightUnit } from '../../../kernel/quantities/weight.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
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
}

@Documented({ description: 'A weight as sync delivers it.' })
export class WeightDataDto extends WeightFieldsDto {
  @TimeZoneField({
    description: 'The IANA time zone of the profile when the weight was entered. It decides on `local_date`.',
    example: 'Europe/Vienna',
  })
  timeZone!: string;

  @DayField({ description: 'The local day that it counts for.', example: '2026-01-06' })
  localDate!: string;
}

@Documented({ description: 'One measured body weight.' })
export class WeightEntryDto extends IntersectionType(WeightFieldsDto, RecordDto) {
  @UuidField({ description: 'Id of the owner.', example: USER_ID })
  userId!: string;
}

@Documented({ description: 'A new weight.', examples: creation })
export class CreateWeightDto extends IntersectionType(WeightFieldsDto, CreateRecordDto) {}

@Documented({
  description: 'Fields that are left out do not change. A value and its unit must be sent together.',
  together: ['weight_value', 'unit'],
  examples: update,
})
export class UpdateWeightDto extends IntersectionType(PartialType(WeightFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'A page of weights.', examples: page })
export class WeightPageDto extends Page {
  @ListField({ description: 'Entries, the most recently measured first.', type: () => WeightEntryDto })
  data!: WeightEntryDto[];
}
