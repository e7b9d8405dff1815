import { PickType } from '@nestjs/swagger';
import { ClockTimeField } from '../../../kernel/http/clock-time.js';
import { Documented } from '../../../kernel/http/documented.js';
import { ListField, StringField, TextField } from '../../../kernel/http/fields.js';
import { MealFieldsDto } from '../meals/meals.dto.js';
import { creation, trainingDay } from './meal-plans.examples.js';

/** More than anybody eats on one day. */
export const MOST_PLANNED = 12;

@Documented({ description: 'A meal of the day, without a date.' })
export class PlannedMealDto extends PickType(MealFieldsDto, ['mealType', 'mealTypeId', 'title', 'items']) {
  @ClockTimeField({
    description: 'When it is eaten, `HH:MM` on the clock where the person is.',
    example: trainingDay.meals[0]?.local_time ?? null,
  })
  localTime!: string;
}

@Documented({ description: 'The values of a meal plan that a person enters.', examples: creation })
export class MealPlanFieldsDto {
  @StringField({ description: 'Its name.', example: trainingDay.name, max: 200 })
  name!: string;

  @TextField('A free note.', trainingDay.note, 2_000) note?: string | null;

  @ListField({
    description:
      'The meals of the day. The list is replaced as a whole, and has at most 60 000 bytes of JSON.',
    type: () => PlannedMealDto,
    max: MOST_PLANNED,
  })
  meals!: PlannedMealDto[];
}
