import { IntersectionType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { IntegerQuery, ListField, UuidField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto } from '../../../records/define/record.dto.js';
import { found } from '../foods/foods.examples.js';
import { FoundFoodDto } from '../foods/found-foods.dto.js';
import { CIQUAL, sharedFoodId } from '../foods/shared/food-sources.js';

/** A food of the starter set. */
const EXAMPLE = sharedFoodId(CIQUAL, '1004');

@Documented({ description: 'What a person enters to mark a food.' })
export class FoodFavoriteFieldsDto {
  @UuidField({ description: 'The food: one of your own, or a shared one.', example: EXAMPLE })
  foodId!: string;
}

@Documented({
  description:
    'A food to mark. Leave `id` out: it is the UUIDv5 of `food_id`, so that two devices make one favourite.',
  examples: { rum: { summary: 'A shared food', value: { food_id: EXAMPLE } } },
})
export class CreateFoodFavoriteDto extends IntersectionType(FoodFavoriteFieldsDto, CreateRecordDto) {}

@Documented({ description: 'One food that is marked.' })
export class FoodFavoriteDto extends IntersectionType(FoodFavoriteFieldsDto, RecordDto) {}

@Documented({ description: 'A page of favourites.' })
export class FoodFavoritePageDto extends Page {
  @ListField({ description: 'Favourites, the newest first.', type: () => FoodFavoriteDto })
  data!: FoodFavoriteDto[];
}

export class FavoriteFoodsQuery {
  @IntegerQuery({
    description: 'How many of the newest favourites to read.',
    example: 50,
    min: 1,
    max: 100,
    default: 50,
  })
  limit: number = 50;
}

@Documented({ description: 'The foods that are marked.', examples: found })
export class FavoriteFoodsDto {
  @ListField({
    description: 'The food that was marked last first. Foods that were deleted meanwhile are left out.',
    type: () => FoundFoodDto,
  })
  data!: FoundFoodDto[];
}
