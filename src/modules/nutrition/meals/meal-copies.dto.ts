import { Documented } from '../../../kernel/http/documented.js';
import { DayField, ListField, TimeZoneField, WordListField } from '../../../kernel/http/fields.js';
import { copyExamples } from './meals.examples.js';
import { MEAL_TYPES, MealDto } from './meals.dto.js';

/** The meals of one day that are copied together. */
export const MOST_COPIED = 100;

@Documented({ description: 'Which meals to copy, and to which day.', examples: copyExamples })
export class CopyMealsDto {
  @DayField({ description: 'The local day of the meals.', example: '2026-01-06' })
  from!: string;

  @DayField({ description: 'The local day of the copies: another one.', example: '2026-01-07' })
  to!: string;

  @TimeZoneField({
    description:
      'IANA time zone of the copies, such as that of a journey. Default: the time zone of each meal.',
    example: 'Europe/Berlin',
    optional: true,
    nullable: true,
  })
  timeZone?: string | null;

  @WordListField({
    description: 'Only meals of these types. Default: of all.',
    example: ['breakfast'],
    values: MEAL_TYPES,
    min: 1,
    max: MEAL_TYPES.length,
    optional: true,
    nullable: true,
  })
  mealTypes?: string[] | null;

  @WordListField({
    description: 'Only these meals, all of which must be meals of the day. Default: all.',
    example: ['019b9500-b1d9-7a3f-9c5e-3b0c8d7e6f21'],
    words: {
      pattern: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
      mustBe: 'the id of a meal',
    },
    min: 1,
    max: MOST_COPIED,
    optional: true,
    nullable: true,
  })
  mealIds?: string[] | null;
}

@Documented({ description: 'The meals that were created.' })
export class CreatedMealsDto {
  @ListField({ description: 'The new meals, the earliest first.', type: () => MealDto })
  data!: MealDto[];
}
