import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  NumberField,
  ObjectField,
  StringField,
  TextField,
  TimeZoneField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { ItemNutrientsDto, NutrientSumsDto } from './item-nutrients.dto.js';
import { breakfast, creation, item, page, summary, update } from './meals.examples.js';

const none = { optional: true, nullable: true } as const;
/** The most of energy in kilocalories, and of the others in grams. */
export const MOST_OF_FIELD = 100_000;

const NutrientField = (description: string, example: number) =>
  NumberField({ description, example, min: 0, max: MOST_OF_FIELD, ...none });

@Documented({
  description: 'A food or drink. An unknown value is left out or null; it does not count as zero.',
})
export class MealItemDto {
  @StringField({ description: 'Name of the food.', example: item.name, max: 100 })
  name!: string;

  @NumberField({ description: 'Amount, in `unit`.', example: item.quantity, min: 0, max: 1_000_000 })
  quantity!: number;

  @StringField({ description: 'Unit of `quantity`, in the person’s words.', example: item.unit, max: 16 })
  unit!: string;

  @NutrientField('Energy in kilocalories.', item.energy_kcal) energyKcal?: number | null;
  @NutrientField('Protein in grams.', item.protein_g) proteinG?: number | null;
  @NutrientField('Carbohydrates in grams.', item.carbs_g) carbsG?: number | null;
  @NutrientField('Fat in grams.', item.fat_g) fatG?: number | null;

  @UuidField({
    description:
      'The food that it was entered with: one of your own, or a shared one. It may be deleted meanwhile; the values of the item stay as they are.',
    example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
    ...none,
  })
  foodId?: string | null;

  @NumberField({
    description:
      'What was eaten, in `amount_unit`. By REST, an item with `food_id` and `amount`, and without energy, protein, carbohydrates, fat and `nutrients`, is filled with the values of the food.',
    example: item.amount,
    min: 0,
    max: 100_000,
    ...none,
  })
  amount?: number | null;

  @EnumField({
    description: 'The unit of `amount`: that of the basis of the food.',
    example: item.amount_unit,
    values: ['g', 'ml'],
    name: 'ServingUnit',
    meaning: 'Grams or millilitres.',
    ...none,
  })
  amountUnit?: string | null;

  @ObjectField({
    description: 'The other nutrients. Absent or null if none is known.',
    type: () => ItemNutrientsDto,
    ...none,
  })
  nutrients?: ItemNutrientsDto | null;
}

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
    values: ['breakfast', 'lunch', 'dinner', 'snack', 'other'],
    name: 'MealType',
    meaning: 'One of the meals of a day, or `other`.',
  })
  mealType!: string;

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

export class MealSummaryQuery {
  @DayField({ description: 'The first day.', example: '2026-01-01' })
  from!: string;

  @DayField({ description: 'The last day, at most 366 days later.', example: '2026-01-31' })
  to!: string;
}

const count = { example: 2, min: 0, max: 1_000_000 };
const SumField = (what: string, example: number) =>
  NumberField({
    description: `${what}, summed over the items with a known value; null if there is none.`,
    example,
    min: 0,
    nullable: true,
  });
const KnownField = (what: string) =>
  IntegerField({ ...count, description: `Number of items with a known value for ${what}.` });

@Documented({
  description: 'The meals of one day. Beside each sum stands the number of items with a known value.',
})
export class MealDayDto {
  @DayField({ description: 'The local day.', example: '2026-01-06' }) localDate!: string;
  @IntegerField({ ...count, description: 'Number of meals.' }) mealCount!: number;
  @IntegerField({ ...count, description: 'Number of items.' }) itemCount!: number;
  @SumField('Energy in kilocalories', 231) energyKcal!: number | null;
  @KnownField('the energy') energyKnown!: number;
  @SumField('Protein in grams', 8.1) proteinG!: number | null;
  @KnownField('the protein') proteinKnown!: number;
  @SumField('Carbohydrates in grams', 27) carbsG!: number | null;
  @KnownField('the carbohydrate') carbsKnown!: number;
  @SumField('Fat in grams', 9.4) fatG!: number | null;
  @KnownField('the fat') fatKnown!: number;

  @ObjectField({ description: 'Other nutrients, each with its sum.', type: () => NutrientSumsDto })
  nutrients!: NutrientSumsDto;
}

@Documented({ description: 'Sums by day. Days without a meal are left out.', examples: summary })
export class MealSummaryDto {
  @ListField({ description: 'Days in order, the earliest first.', type: () => MealDayDto })
  data!: MealDayDto[];
}
