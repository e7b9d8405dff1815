import { Documented } from '../../../kernel/http/documented.js';
import { InstantField, IntegerQuery, ListField, ObjectField } from '../../../kernel/http/fields.js';
import { MealItemDto } from '../items/meal-item.dto.js';
import { recent } from './meals.examples.js';

export class RecentFoodsQuery {
  @IntegerQuery({
    description: 'The maximum number of foods in the answer.',
    example: 20,
    min: 1,
    max: 100,
    default: 20,
  })
  limit: number = 20;
}

@Documented({ description: 'A food that was eaten.' })
export class RecentFoodDto {
  @InstantField({ description: 'When it was eaten last.', example: '2026-01-06T07:30:00.000Z' })
  eatenAt!: Date;

  @ObjectField({
    description: 'The item as it was entered last, with its amount. Send it in a new meal to log it again.',
    type: () => MealItemDto,
  })
  item!: MealItemDto;
}

@Documented({ description: 'What was eaten last.', examples: recent })
export class RecentFoodsDto {
  @ListField({
    description: 'Each food and each name once, the most recently eaten first.',
    type: () => RecentFoodDto,
  })
  data!: RecentFoodDto[];
}
