import { Documented } from '../../../kernel/http/documented.js';
import { IntegerField, NumberField, ObjectField } from '../../../kernel/http/fields.js';
import { NutrientSumsDto } from './item-nutrients.dto.js';

/** Numbers of items, and of meals of a day. */
export const count = { example: 2, min: 0, max: 1_000_000 };

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
  description: 'Sums over items. Beside each sum stands the number of items with a known value.',
})
export class ItemSumsDto {
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
