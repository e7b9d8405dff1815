import { Documented } from '../../../kernel/http/documented.js';
import { IntegerField, NumberField, ObjectField } from '../../../kernel/http/fields.js';
import { type NutrientKey, nutrientOf } from '../foods/nutrients.js';
import { MOST_OF_ITEM } from './item-values.js';
import { item } from './items.examples.js';

const examples: Readonly<Partial<Record<NutrientKey, number>>> = item.nutrients;

const textOf = (key: NutrientKey): string => {
  const { name, unit } = nutrientOf(key);
  return `${name}, in ${unit === 'ug' ? 'µg' : unit}.`;
};

/** One nutrient of {@link ItemNutrientsDto}. */
const Eaten = (key: NutrientKey): PropertyDecorator =>
  NumberField({
    description: textOf(key),
    example: examples[key] ?? null,
    min: 0,
    max: MOST_OF_ITEM,
    optional: true,
    nullable: true,
  });

@Documented({
  description:
    'The other nutrients of what was eaten, for the whole item. An unknown value is left out or null; it does not count as zero.',
})
export class ItemNutrientsDto {
  @Eaten('sugars_g') sugarsG?: number | null;
  @Eaten('added_sugars_g') addedSugarsG?: number | null;
  @Eaten('fiber_g') fiberG?: number | null;
  @Eaten('saturated_g') saturatedG?: number | null;
  @Eaten('mono_g') monoG?: number | null;
  @Eaten('poly_g') polyG?: number | null;
  @Eaten('trans_g') transG?: number | null;
  @Eaten('cholesterol_mg') cholesterolMg?: number | null;
  @Eaten('sodium_mg') sodiumMg?: number | null;
  @Eaten('potassium_mg') potassiumMg?: number | null;
  @Eaten('calcium_mg') calciumMg?: number | null;
  @Eaten('iron_mg') ironMg?: number | null;
  @Eaten('magnesium_mg') magnesiumMg?: number | null;
  @Eaten('zinc_mg') zincMg?: number | null;
  @Eaten('phosphorus_mg') phosphorusMg?: number | null;
  @Eaten('vit_a_ug_rae') vitAUgRae?: number | null;
  @Eaten('vit_c_mg') vitCMg?: number | null;
  @Eaten('vit_d_ug') vitDUg?: number | null;
  @Eaten('vit_e_mg') vitEMg?: number | null;
  @Eaten('vit_k_ug') vitKUg?: number | null;
  @Eaten('vit_b6_mg') vitB6Mg?: number | null;
  @Eaten('vit_b12_ug') vitB12Ug?: number | null;
  @Eaten('folate_ug_dfe') folateUgDfe?: number | null;
  @Eaten('caffeine_mg') caffeineMg?: number | null;
  @Eaten('alcohol_g') alcoholG?: number | null;
  @Eaten('water_g') waterG?: number | null;
}

@Documented({ description: 'The sum of a nutrient over the items with a known value.' })
export class NutrientSumDto {
  @NumberField({ description: 'The sum, in the unit of the nutrient.', example: 10, min: 0 })
  sum!: number;

  @IntegerField({
    description: 'Number of items with a known value; at least one.',
    example: 1,
    min: 1,
    max: 1_000_000,
  })
  known!: number;
}

/** One nutrient of {@link NutrientSumsDto}. */
const Summed = (key: NutrientKey): PropertyDecorator =>
  ObjectField({ description: textOf(key), type: () => NutrientSumDto, optional: true });

@Documented({
  description: 'Sums of the other nutrients. A nutrient that is known for no item is left out.',
})
export class NutrientSumsDto {
  @Summed('sugars_g') sugarsG?: NutrientSumDto;
  @Summed('added_sugars_g') addedSugarsG?: NutrientSumDto;
  @Summed('fiber_g') fiberG?: NutrientSumDto;
  @Summed('saturated_g') saturatedG?: NutrientSumDto;
  @Summed('mono_g') monoG?: NutrientSumDto;
  @Summed('poly_g') polyG?: NutrientSumDto;
  @Summed('trans_g') transG?: NutrientSumDto;
  @Summed('cholesterol_mg') cholesterolMg?: NutrientSumDto;
  @Summed('sodium_mg') sodiumMg?: NutrientSumDto;
  @Summed('potassium_mg') potassiumMg?: NutrientSumDto;
  @Summed('calcium_mg') calciumMg?: NutrientSumDto;
  @Summed('iron_mg') ironMg?: NutrientSumDto;
  @Summed('magnesium_mg') magnesiumMg?: NutrientSumDto;
  @Summed('zinc_mg') zincMg?: NutrientSumDto;
  @Summed('phosphorus_mg') phosphorusMg?: NutrientSumDto;
  @Summed('vit_a_ug_rae') vitAUgRae?: NutrientSumDto;
  @Summed('vit_c_mg') vitCMg?: NutrientSumDto;
  @Summed('vit_d_ug') vitDUg?: NutrientSumDto;
  @Summed('vit_e_mg') vitEMg?: NutrientSumDto;
  @Summed('vit_k_ug') vitKUg?: NutrientSumDto;
  @Summed('vit_b6_mg') vitB6Mg?: NutrientSumDto;
  @Summed('vit_b12_ug') vitB12Ug?: NutrientSumDto;
  @Summed('folate_ug_dfe') folateUgDfe?: NutrientSumDto;
  @Summed('caffeine_mg') caffeineMg?: NutrientSumDto;
  @Summed('alcohol_g') alcoholG?: NutrientSumDto;
  @Summed('water_g') waterG?: NutrientSumDto;
}
