import { PickType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  EnumField,
  IntegerQuery,
  ListField,
  ObjectField,
  StringField,
  UuidField,
} from '../../../kernel/http/fields.js';
import { FoodDataDto, ServingDto } from './foods.dto.js';
import { found, scanned } from './foods.examples.js';
import { NutrientsDto } from './nutrients.dto.js';

export const MAX_FOUND = 50;

export class FoodSearchQuery {
  @StringField({
    description:
      'Words of the name or the brand, in any order; the last one may be only its beginning. Accents and letter case do not matter.',
    example: 'oats rol',
    max: 100,
  })
  q!: string;

  @IntegerQuery({
    description: 'The maximum number of foods in the answer.',
    example: 20,
    min: 1,
    max: MAX_FOUND,
    default: 20,
  })
  limit: number = 20;
}

/** The fields that own and shared foods have, as far as an answer shows them. */
const Shown = PickType(FoodDataDto, [
  'name',
  'brand',
  'barcode',
  'basis',
  'category',
  'language',
  'source',
  'sourceRef',
  'sourceLicence',
  'energyKcal',
]);

@Documented({ description: 'A food that was found: one of your own, or a shared one.' })
export class FoundFoodDto extends Shown {
  @UuidField({
    description: 'Its id. That of a shared food is the same on every server.',
    example: '019b9500-a0c8-7c2e-8f4d-2a9b7c6d5e10',
  })
  id!: string;

  @EnumField({
    description: 'Whose food it is.',
    example: 'own',
    values: ['own', 'shared'],
    name: 'FoodOrigin',
    meaning: '`own`: a food of the person, at `/api/foods/{id}`; `shared`: one that everybody finds.',
  })
  origin!: string;

  @StringField({
    description: 'Its name in another language. Null for none.',
    example: 'Flocons d’avoine',
    max: 200,
    nullable: true,
  })
  otherName!: string | null;

  @ObjectField({
    description: 'What 100 g or 100 ml contain, as far as it is known.',
    type: () => NutrientsDto,
  })
  nutrients!: NutrientsDto;

  @ListField({ description: 'Usual portions.', type: () => ServingDto })
  servings!: ServingDto[];

  @StringField({
    description: 'What must be shown with the values of this source. Null for none.',
    example: 'Anses. 2020. Ciqual French food composition table',
    max: 200,
    nullable: true,
  })
  attribution!: string | null;
}

@Documented({ description: 'The best matches.', examples: found })
export class FoodSearchDto {
  @ListField({
    description: 'Foods of your own first, then shared ones; each the best match first.',
    type: () => FoundFoodDto,
  })
  data!: FoundFoodDto[];
}

@Documented({ description: 'What is known about a barcode.', examples: scanned })
export class ScannedFoodsDto {
  @ListField({
    description:
      'Foods of your own with this barcode, the newest first, then a shared one. Empty if there is none.',
    type: () => FoundFoodDto,
  })
  data!: FoundFoodDto[];

  @EnumField({
    description: 'What became of asking Open Food Facts.',
    example: 'not_asked',
    values: ['not_asked', 'found', 'unknown', 'unavailable'],
    name: 'OpenFoodFactsOutcome',
    meaning:
      '`not_asked`: a food is stored, or this server does not ask; `found`: the shared food was found there now; `unknown`: there is no such product; `unavailable`: it could not be asked, try again later.',
  })
  openFoodFacts!: string;
}
