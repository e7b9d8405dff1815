import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { ClockTimeField } from '../../../kernel/http/clock-time.js';
import { BooleanField, IntegerField, ListField, StringField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { creation, secondBreakfast, update } from './meal-types.examples.js';

const none = { optional: true, nullable: true } as const;

@Documented({ description: 'The values of a meal type that a person enters.', examples: creation })
export class OwnMealTypeFieldsDto {
  @StringField({ description: 'Its name.', example: secondBreakfast.name, max: 100 })
  name!: string;

  @ClockTimeField({
    description: 'The usual time, `HH:MM` on the clock where the person is. Null for none.',
    example: secondBreakfast.default_time,
    ...none,
  })
  defaultTime?: string | null;

  @IntegerField({
    description:
      'Its place among the meal types, the lowest first. Several may have the same place. Null for the end.',
    example: secondBreakfast.position,
    min: 0,
    max: 10_000,
    ...none,
  })
  position?: number | null;

  @BooleanField({
    description: 'Whether an app no longer offers it. Meals keep it.',
    example: false,
    ...none,
  })
  isHidden?: boolean | null;
}

@Documented({ description: 'A new meal type.', examples: creation })
export class CreateOwnMealTypeDto extends IntersectionType(OwnMealTypeFieldsDto, CreateRecordDto) {}

@Documented({ description: 'Fields that are left out do not change.', examples: update })
export class UpdateOwnMealTypeDto extends IntersectionType(
  PartialType(OwnMealTypeFieldsDto),
  UpdateRecordDto,
) {}

@Documented({ description: 'One meal type of your own.' })
export class OwnMealTypeDto extends IntersectionType(OwnMealTypeFieldsDto, RecordDto) {}

@Documented({ description: 'A page of meal types of your own.' })
export class OwnMealTypePageDto extends Page {
  @ListField({ description: 'Meal types, the newest first.', type: () => OwnMealTypeDto })
  data!: OwnMealTypeDto[];
}
