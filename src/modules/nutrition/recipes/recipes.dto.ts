import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import { ListField, NumberField, StringField, TextField } from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { ItemSumsDto } from '../items/item-sums.dto.js';
import { MealItemDto } from '../items/meal-item.dto.js';
import { MOST_LEVELS, MOST_PARTS } from './part-graph.js';
import { creation, page, porridge, update } from './recipes.examples.js';

@Documented({ description: 'The values of a recipe that a person enters.', examples: creation })
export class RecipeFieldsDto {
  @StringField({ description: 'Name of the dish.', example: porridge.name, max: 100 })
  name!: string;

  @TextField('A free note.', porridge.note, 2_000) note?: string | null;
  @TextField('How it is made.', porridge.instructions, 10_000) instructions?: string | null;

  @NumberField({
    description: 'How many servings the whole recipe makes, above zero.',
    example: porridge.servings,
    min: 0.001,
    max: 10_000,
  })
  servings!: number;

  @NumberField({
    description: 'What the finished dish weighs, in grams, above zero. Null if it is unknown.',
    example: porridge.yield_g,
    min: 0.001,
    max: 1_000_000,
    optional: true,
    nullable: true,
  })
  yieldG?: number | null;

  @ListField({
    description: `What the whole recipe is made of, with at most ${MOST_PARTS} different recipes. Recipes may be inside each other on ${MOST_LEVELS} levels, and none contains itself.`,
    type: () => MealItemDto,
    max: 50,
  })
  items!: MealItemDto[];
}

@Documented({ description: 'A recipe as sync delivers it, with the sums of the whole recipe.' })
export class RecipeDataDto extends IntersectionType(RecipeFieldsDto, ItemSumsDto) {}

@Documented({ description: 'A new recipe.', examples: creation })
export class CreateRecipeDto extends IntersectionType(RecipeFieldsDto, CreateRecordDto) {}

@Documented({
  description: 'Fields that are left out do not change; `items` is replaced as a whole.',
  examples: update,
})
export class UpdateRecipeDto extends IntersectionType(PartialType(RecipeFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One recipe.' })
export class RecipeDto extends IntersectionType(RecipeDataDto, RecordDto) {}

@Documented({ description: 'A page of recipes.', examples: page })
export class RecipePageDto extends Page {
  @ListField({ description: 'Recipes, the newest first.', type: () => RecipeDto })
  data!: RecipeDto[];
}
