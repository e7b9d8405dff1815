import { Documented } from '../../../kernel/http/documented.js';
import { EnumField, IntegerField, ListField, NumberField, StringField } from '../../../kernel/http/fields.js';
import { nutrients as example } from './foods.examples.js';
import { DENSEST, MOST, type NutrientKey, nutrientOf } from './nutrients.js';

/** One nutrient of {@link NutrientsDto}. */
const Amount = (key: NutrientKey): PropertyDecorator => {
  const { name, unit } = nutrientOf(key);
  return NumberField({
    description: `${name}, in ${unit === 'ug' ? 'µg' : unit}.`,
    example: example[key] ?? null,
    min: 0,
    max: MOST[unit] * DENSEST,
    optional: true,
    nullable: true,
  });
};

@Documented({
  description:
    'What 100 g or 100 ml of a food contain. An unknown value is left out or null; it does not count as zero. Salt is 2.5 times the sodium.',
})
export class NutrientsDto {
  @Amount('energy_kcal') energyKcal?: number | null;
  @Amount('energy_kj') energyKj?: number | null;
  @Amount('protein_g') proteinG?: number | null;
  @Amount('carbs_g') carbsG?: number | null;
  @Amount('sugars_g') sugarsG?: number | null;
  @Amount('added_sugars_g') addedSugarsG?: number | null;
  @Amount('fiber_g') fiberG?: number | null;
  @Amount('fat_g') fatG?: number | null;
  @Amount('saturated_g') saturatedG?: number | null;
  @Amount('mono_g') monoG?: number | null;
  @Amount('poly_g') polyG?: number | null;
  @Amount('trans_g') transG?: number | null;
  @Amount('cholesterol_mg') cholesterolMg?: number | null;
  @Amount('sodium_mg') sodiumMg?: number | null;
  @Amount('potassium_mg') potassiumMg?: number | null;
  @Amount('calcium_mg') calciumMg?: number | null;
  @Amount('iron_mg') ironMg?: number | null;
  @Amount('magnesium_mg') magnesiumMg?: number | null;
  @Amount('zinc_mg') zincMg?: number | null;
  @Amount('phosphorus_mg') phosphorusMg?: number | null;
  @Amount('vit_a_ug_rae') vitAUgRae?: number | null;
  @Amount('vit_c_mg') vitCMg?: number | null;
  @Amount('vit_d_ug') vitDUg?: number | null;
  @Amount('vit_e_mg') vitEMg?: number | null;
  @Amount('vit_k_ug') vitKUg?: number | null;
  @Amount('vit_b6_mg') vitB6Mg?: number | null;
  @Amount('vit_b12_ug') vitB12Ug?: number | null;
  @Amount('folate_ug_dfe') folateUgDfe?: number | null;
  @Amount('caffeine_mg') caffeineMg?: number | null;
  @Amount('alcohol_g') alcoholG?: number | null;
  @Amount('water_g') waterG?: number | null;
}

@Documented({ description: 'A nutrient that foods may have.' })
export class NutrientDto {
  @StringField({ description: 'Its name in `nutrients`. It never changes.', example: 'protein_g', max: 32 })
  key!: string;

  @StringField({ description: 'Its name for people.', example: 'Protein', max: 64 })
  name!: string;

  @EnumField({
    description: 'Its unit.',
    example: 'g',
    values: ['kcal', 'kJ', 'g', 'mg', 'ug'],
    name: 'NutrientUnit',
    meaning: '`ug` is microgram.',
  })
  unit!: string;

  @IntegerField({ description: 'Decimals that an app shows.', example: 1, min: 0, max: 6 })
  decimals!: number;

  @NumberField({
    description: 'The highest value that is accepted per 100 g. Per 100 ml it is twice as high.',
    example: 100,
    min: 0,
  })
  maximum!: number;
}

@Documented({ description: 'All nutrients.' })
export class NutrientListDto {
  @ListField({ description: 'In the order in which an app shows them.', type: () => NutrientDto })
  data!: NutrientDto[];
}
