import { Documented } from '../../kernel/http/documented.js';
import {
  CheckedListField,
  DayField,
  EnumField,
  InstantField,
  IntegerField,
  ListField,
  NumberField,
  StringField,
  TimeZoneField,
  UuidField,
} from '../../kernel/http/fields.js';
import { Page, PageQuery } from '../../kernel/http/paging.js';
import { creation, item, page, summary, update } from './meals.examples.js';

const id = { description: 'Id of the meal.', example: '019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f21' };
const eatenAt = {
  description: 'When it was eaten: ISO 8601 with an offset; comes back in UTC.',
  example: creation.breakfast.value.eaten_at,
};
const timeZone = {
  description: 'Where it was eaten, as an IANA time zone: decides which day it counts for.',
  example: creation.breakfast.value.time_zone,
};
const mealType = {
  description: 'Which meal of the day.',
  example: creation.breakfast.value.meal_type,
  values: ['breakfast', 'lunch', 'dinner', 'snack', 'other'],
  name: 'MealType',
  meaning: 'One of the meals of a day, or `other`.',
};
const title = { description: 'A name for it.', example: creation.breakfast.value.title, max: 200 };
const note = { description: 'Whatever else.', example: creation.breakfast.value.note, max: 2_000 };
const version = {
  description: 'How often the meal was changed: 1, 2, 3 …',
  example: 1,
  min: 1,
  max: 2_147_483_647,
};
const nutrient = { min: 0, max: 100_000, optional: true, nullable: true };
const known = { example: 2, min: 0, max: 1_000_000 };

@Documented({
  description: 'Something eaten. What is not known is left out or null; it does not count as zero.',
})
export class MealItemDto {
  @StringField({ description: 'What it was.', example: item.name, max: 100 })
  name!: string;

  @NumberField({ description: 'How much of it, in `unit`.', example: item.quantity, min: 0, max: 1_000_000 })
  quantity!: number;

  @StringField({ description: 'Unit of `quantity`, in the person’s words.', example: item.unit, max: 16 })
  unit!: string;

  @NumberField({ ...nutrient, description: 'Energy in kilocalories.', example: item.energy_kcal })
  energy_kcal?: number | null;

  @NumberField({ ...nutrient, description: 'Protein in grams.', example: item.protein_g })
  protein_g?: number | null;

  @NumberField({ ...nutrient, description: 'Carbohydrates in grams.', example: item.carbs_g })
  carbs_g?: number | null;

  @NumberField({ ...nutrient, description: 'Fat in grams.', example: item.fat_g })
  fat_g?: number | null;
}

const items = { description: 'What was eaten.', type: () => MealItemDto, max: 50 };

@Documented({ description: 'What a person enters of a meal.', examples: creation })
export class MealFieldsDto {
  @InstantField(eatenAt)
  eaten_at!: string;

  @TimeZoneField(timeZone)
  time_zone!: string;

  @EnumField(mealType)
  meal_type!: string;

  @StringField({ ...title, optional: true, nullable: true })
  title?: string | null;

  @StringField({ ...note, optional: true, nullable: true })
  note?: string | null;

  @CheckedListField(items)
  items!: MealItemDto[];
}

@Documented({ description: 'What sync shows of a meal.' })
export class MealDataDto extends MealFieldsDto {
  @DayField({ description: 'The day it counts for.', example: '2026-01-06' })
  local_date!: string;
}

@Documented({ description: 'A new meal.', examples: creation })
export class CreateMealDto extends MealFieldsDto {
  @UuidField({
    ...id,
    description:
      'Id made by the client, for a creation that can be repeated. Without any the server makes one.',
    optional: true,
  })
  id?: string;
}

@Documented({
  description:
    'Fields that are left out stay as they are. `eaten_at` and `time_zone` may be sent alone; `items` is replaced as a whole.',
  examples: update,
})
export class UpdateMealDto {
  @InstantField({ ...eatenAt, optional: true })
  eaten_at?: string;

  @TimeZoneField({ ...timeZone, optional: true })
  time_zone?: string;

  @EnumField({ ...mealType, optional: true })
  meal_type?: string;

  @StringField({ ...title, optional: true, nullable: true })
  title?: string | null;

  @StringField({ ...note, optional: true, nullable: true })
  note?: string | null;

  @CheckedListField({ ...items, optional: true })
  items?: MealItemDto[];

  @IntegerField({
    ...version,
    description: 'The version the change was made on; another current one answers `version-conflict`.',
    optional: true,
  })
  version?: number;
}

@Documented({ description: 'One meal.' })
export class MealDto extends MealDataDto {
  @UuidField(id)
  id!: string;

  @InstantField({ description: 'When the server stored it first.', example: '2026-01-06T07:31:00.000Z' })
  created_at!: string;

  @InstantField({
    description: 'When the server stored its newest version.',
    example: '2026-01-06T07:31:00.000Z',
  })
  updated_at!: string;

  @IntegerField(version)
  version!: number;
}

export class MealListQuery extends PageQuery {
  @InstantField({
    description: 'Only meals eaten at or after this instant.',
    example: '2026-01-01T00:00:00Z',
    optional: true,
  })
  since?: string;

  @InstantField({
    description: 'Only meals eaten before this instant.',
    example: '2026-02-01T00:00:00Z',
    optional: true,
  })
  until?: string;
}

@Documented({ description: 'A page of meals.', examples: page })
export class MealPageDto extends Page {
  @ListField({ description: 'Meals, the last eaten first.', type: () => MealDto })
  data!: MealDto[];
}

export class MealSummaryQuery {
  @DayField({ description: 'The first day.', example: '2026-01-01' })
  from!: string;

  @DayField({ description: 'The last day, at most 366 days later.', example: '2026-01-31' })
  to!: string;
}

const sum = (what: string, example: number) => ({
  description: `${what}, of the items of which it is known; null when it is known of none.`,
  example,
  min: 0,
  nullable: true,
});
const knownOf = (what: string) => ({ ...known, description: `Of how many items ${what} is known.` });

@Documented({ description: 'One day’s meals. Each sum says of how many of the items it is known.' })
export class MealDayDto {
  @DayField({ description: 'The day, where the person was.', example: '2026-01-06' })
  local_date!: string;

  @IntegerField({ ...known, description: 'How many meals.' })
  meal_count!: number;

  @IntegerField({ ...known, description: 'How many items.' })
  item_count!: number;

  @NumberField(sum('Energy in kilocalories', 231))
  energy_kcal!: number | null;

  @IntegerField(knownOf('the energy'))
  energy_known!: number;

  @NumberField(sum('Protein in grams', 8.1))
  protein_g!: number | null;

  @IntegerField(knownOf('the protein'))
  protein_known!: number;

  @NumberField(sum('Carbohydrates in grams', 27))
  carbs_g!: number | null;

  @IntegerField(knownOf('the carbohydrate'))
  carbs_known!: number;

  @NumberField(sum('Fat in grams', 9.4))
  fat_g!: number | null;

  @IntegerField(knownOf('the fat'))
  fat_known!: number;
}

@Documented({ description: 'Sums by day; days without a meal are left out.', examples: summary })
export class MealSummaryDto {
  @ListField({ description: 'Days, the first first.', type: () => MealDayDto })
  data!: MealDayDto[];
}
