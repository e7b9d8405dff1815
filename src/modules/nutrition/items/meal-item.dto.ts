import { Documented } from '../../../kernel/http/documented.js';
import { EnumField, NumberField, ObjectField, StringField, UuidField } from '../../../kernel/http/fields.js';
import { ItemNutrientsDto } from './item-nutrients.dto.js';
import { MOST_OF_FIELD } from './item-values.js';
import { item } from './items.examples.js';

const none = { optional: true, nullable: true } as const;

const NutrientField = (description: string, example: number) =>
  NumberField({ description, example, min: 0, max: MOST_OF_FIELD, ...none });

@Documented({
  description:
    'A food or drink, or some of a recipe. An unknown value is left out or null; it does not count as zero.',
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

  @UuidField({
    description:
      'The recipe that it was entered with, in place of a food. It may be deleted meanwhile; the values of the item stay as they are.',
    example: null,
    ...none,
  })
  recipeId?: string | null;

  @NumberField({
    description:
      'How many servings of the recipe it is. By REST, an item with `recipe_id` and `servings`, or else `amount` in grams, and without values, is filled with those of the recipe.',
    example: null,
    min: 0,
    max: 100_000,
    ...none,
  })
  servings?: number | null;

  @NumberField({
    description:
      'How much it is, in `amount_unit`. By REST, an item with `food_id` and `amount`, and without energy, protein, carbohydrates, fat and `nutrients`, is filled with the values of the food.',
    example: item.amount,
    min: 0,
    max: 100_000,
    ...none,
  })
  amount?: number | null;

  @EnumField({
    description: 'The unit of `amount`: that of the basis of the food; grams for a recipe.',
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
