import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { EnumField, ListField, NumberField, ObjectField, StringField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { customCreation, customUpdate } from './custom-metrics.examples.js';
import { NoOuterSpace } from './health-metrics.fields.js';
import type { RollUp } from './metric-kind.js';

export const ROLL_UP = {
  values: ['sum', 'average', 'last', 'max'],
  name: 'MetricRollUp',
  meaning: '`sum`, `average`, `last` (the latest) or `max` (the highest) of the readings of a period.',
};

const limit = { min: -10_000_000, max: 10_000_000 };

@Documented({ description: 'The values that are accepted, both limits included.' })
export class CustomRangeDto {
  @NumberField({ description: 'The lowest value.', example: 0, ...limit })
  minimum!: number;

  @NumberField({ description: 'The highest value, not below `minimum`.', example: 60, ...limit })
  maximum!: number;
}

@Documented({ description: 'A kind of reading of your own.', examples: customCreation })
export class CustomMetricFieldsDto {
  @StringField({ description: 'Its name.', example: 'Plank hold', max: 64 })
  name!: string;

  @StringField({ description: 'The unit of all its readings, in your own words.', example: 's', max: 32 })
  @NoOuterSpace()
  unit!: string;

  @EnumField({ description: 'How the readings of a period become one value.', example: 'max', ...ROLL_UP })
  rollUp!: RollUp;

  @ObjectField({
    description: 'The values that are accepted. Default: -10 000 000 to 10 000 000.',
    type: () => CustomRangeDto,
    optional: true,
    nullable: true,
  })
  valueRange?: CustomRangeDto | null;
}

@Documented({ description: 'A new kind of your own.', examples: customCreation })
export class CreateCustomMetricDto extends IntersectionType(CustomMetricFieldsDto, CreateRecordDto) {}

@Documented({ description: 'Fields that are left out do not change.', examples: customUpdate })
export class UpdateCustomMetricDto extends IntersectionType(
  PartialType(CustomMetricFieldsDto),
  UpdateRecordDto,
) {}

@Documented({ description: 'One kind of your own.' })
export class CustomMetricDto extends IntersectionType(CustomMetricFieldsDto, RecordDto) {}

@Documented({ description: 'A page of kinds of your own.' })
export class CustomMetricPageDto extends Page {
  @ListField({ description: 'Kinds, the newest first.', type: () => CustomMetricDto })
  data!: CustomMetricDto[];
}
