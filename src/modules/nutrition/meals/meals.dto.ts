import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  TextField,
  TimeZoneField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { MealItemDto } from '../items/meal-item.dto.js';
import { count, ItemSumsDto } from '../items/item-sums.dto.js';
import { breakfast, creation, page, summary, update } from './meals.examples.js';

export const MEAL_TYPES = ['breakfast', 'lunch', 'dinner', 'snack', 'other'];

@Documented({ description: 'The values of a meal that a person enters.', examples: creation })
export class MealFieldsDto {
  @InstantField({
    description: 'When it was eaten: ISO 8601 with an offset; returned in UTC.',
    example: breakfast.eaten_at,
  })
  eatenAt!: Date;

  @TimeZoneField({
    description: 'IANA time zone of the place where it was eaten; decides which day it counts for.',
    example: breakfast.time_zone,
  })
  timeZone!: string;

  @EnumField({
    description: 'Which meal of the day.',
    example: breakfast.meal_type,
    values: MEAL_TYPES,
    name: 'MealType',
    meaning: 'One of the meals of a day, or `other`.',
  })
  mealType!: string;

  @UuidField({
    description:
      'A meal type of your own, beside `meal_type`: apps that do not know it show `meal_type`. It may be deleted meanwhile. Null for none.',
    example: '019b9500-c2e7-7d4a-8b6f-5c1d9e3a7f40',
    optional: true,
    nullable: true,
  })
  mealTypeId?: string | null;

  @TextField('Title of the meal.', breakfast.title, 200) title?: string | null;
  @TextField('A free note.', breakfast.note, 2_000) note?: string | null;

  @ListField({ description: 'Foods and drinks of the meal.', type: () => MealItemDto, max: 50 })
  items!: MealItemDto[];
}

@Documented({ description: 'A meal as sync delivers it.' })
export class MealDataDto extends MealFieldsDto {
  @DayField({ description: 'The day it counts for.', example: '2026-01-06' })
  localDate!: string;
}

@Documented({ description: 'A new meal.', examples: creation })
export class CreateMealDto extends IntersectionType(MealFieldsDto, CreateRecordDto) {}

@Documented({
  description:
    'Fields that are left out do not change. `eaten_at` and `time_zone` may be sent alone; `items` is replaced as a whole.',
  examples: update,
})
export class UpdateMealDto extends IntersectionType(PartialType(MealFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One meal.' })
export class MealDto extends IntersectionType(MealDataDto, RecordDto) {}

@Documented({ description: 'A page of meals.', examples: page })
export class MealPageDto extends Page {
  @ListField({ description: 'Meals, the most recently eaten first.', type: () => MealDto })
  data!: MealDto[];
}

/** The most days of a summary. */
export const MAX_DAYS = 366;

export class MealSummaryQuery {
  @DayField({ description: 'The first day.', example: '2026-01-01' })
  from!: string;

  @DayField({ description: `The last day, at most ${MAX_DAYS - 1} days later.`, example: '2026-01-31' })
  to!: string;
}

class MealsOfDayDto {
  @DayField({ description: 'The local day.', example: '2026-01-06' }) localDate!: string;
  @IntegerField({ ...count, description: 'Number of meals.' }) mealCount!: number;
}

@Documented({
  description: 'The meals of one day. Beside each sum stands the number of items with a known value.',
})
export class MealDayDto extends IntersectionType(MealsOfDayDto, ItemSumsDto) {}

@Documented({ description: 'Sums by day. Days without a meal are left out.', examples: summary })
export class MealSummaryDto {
  @ListField({ description: 'Days in order, the earliest first.', type: () => MealDayDto })
  data!: MealDayDto[];
}
