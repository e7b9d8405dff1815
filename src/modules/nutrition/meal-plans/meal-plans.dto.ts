import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { DayField, ListField, TimeZoneField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { creation, update } from './meal-plans.examples.js';
import { MealPlanFieldsDto } from './meal-plans.fields.js';

@Documented({ description: 'A new meal plan.', examples: creation })
export class CreateMealPlanDto extends IntersectionType(MealPlanFieldsDto, CreateRecordDto) {}

@Documented({
  description: 'Fields that are left out do not change; `meals` is replaced as a whole.',
  examples: update,
})
export class UpdateMealPlanDto extends IntersectionType(PartialType(MealPlanFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One meal plan.' })
export class MealPlanDto extends IntersectionType(MealPlanFieldsDto, RecordDto) {}

@Documented({ description: 'A page of meal plans.' })
export class MealPlanPageDto extends Page {
  @ListField({ description: 'Meal plans, the newest first.', type: () => MealPlanDto })
  data!: MealPlanDto[];
}

@Documented({ description: 'The day on which the meals of a plan are eaten.' })
export class LogMealPlanDto {
  @DayField({ description: 'The local day.', example: '2026-01-07' })
  localDate!: string;

  @TimeZoneField({
    description: 'IANA time zone of the place where the meals are eaten.',
    example: 'Europe/Berlin',
  })
  timeZone!: string;
}
