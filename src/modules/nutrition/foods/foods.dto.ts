import { IntersectionType, PartialType } from '@nestjs/swagger';
import { Documented } from '../../../kernel/http/documented.js';
import {
  BooleanField,
  CodeField,
  EnumField,
  ListField,
  NumberField,
  ObjectField,
  StringField,
} from '../../../kernel/http/fields.js';
import { Page } from '../../../kernel/http/paging.js';
import { CreateRecordDto, RecordDto, UpdateRecordDto } from '../../../records/define/record.dto.js';
import { creation, oats, serving, update } from './foods.examples.js';
import { BarcodeField } from './gtin.js';
import { NutrientsDto } from './nutrients.dto.js';

export const MAX_SERVINGS = 20;

const none = { optional: true, nullable: true } as const;
const TextField = (description: string, example: string, max: number) =>
  StringField({ description, example, max, ...none });

@Documented({ description: 'A usual portion of a food.' })
export class ServingDto {
  @StringField({ description: 'What it is, in the person’s words.', example: serving.label, max: 64 })
  label!: string;

  @NumberField({
    description: 'Its size in `unit`, above zero.',
    example: serving.amount,
    min: 0.001,
    max: 100_000,
  })
  amount!: number;

  @EnumField({
    description: 'The unit of `amount`: that of the basis of the food.',
    example: serving.unit,
    values: ['g', 'ml'],
    name: 'ServingUnit',
    meaning: 'Grams or millilitres.',
  })
  unit!: string;

  @BooleanField({
    description: 'Whether an app suggests it first. Exactly one serving of a food is the default.',
    example: serving.is_default,
  })
  isDefault!: boolean;
}

@Documented({ description: 'The values of a food that a person enters.', examples: creation })
export class FoodFieldsDto {
  @StringField({ description: 'Name of the food.', example: oats.name, max: 200 })
  name!: string;

  @TextField('Brand or producer.', oats.brand, 100) brand?: string | null;

  @BarcodeField({
    description:
      'Barcode: GTIN-8, GTIN-12 (UPC-A), GTIN-13 (EAN-13) or GTIN-14, with its check digit. It is stored and returned with 14 digits, filled up with zeros on the left.',
    ...none,
  })
  barcode?: string | null;

  @EnumField({
    description: 'What the nutrients refer to.',
    example: oats.basis,
    values: ['per_100g', 'per_100ml'],
    name: 'FoodBasis',
    meaning: '`per_100g`: 100 grams; `per_100ml`: 100 millilitres.',
  })
  basis!: string;

  @ObjectField({
    description: 'What 100 g or 100 ml contain. It is replaced as a whole.',
    type: () => NutrientsDto,
  })
  nutrients!: NutrientsDto;

  @ListField({
    description: 'Usual portions. The list is replaced as a whole, and may be empty.',
    type: () => ServingDto,
    max: MAX_SERVINGS,
  })
  servings!: ServingDto[];

  @TextField('Category, in the person’s words.', oats.category, 100) category?: string | null;

  @CodeField({
    description: 'Language of the name, as a tag of BCP 47.',
    example: oats.language,
    pattern: /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$/,
    mustBe: 'the tag of a language, such as de or pt-BR',
    max: 16,
    ...none,
  })
  language?: string | null;

  @TextField('Where the values come from, such as `label`, or the source of a shared food.', 'label', 64)
  source?: string | null;

  @TextField('Its id at the source.', 'AB-1234', 200) sourceRef?: string | null;
  @TextField('Licence of the values of the source.', 'Etalab-2.0', 100) sourceLicence?: string | null;
}

@Documented({ description: 'A food as sync delivers it.' })
export class FoodDataDto extends FoodFieldsDto {
  @NumberField({
    description:
      'Energy of 100 g or 100 ml in kilocalories: as it was entered, else computed from `energy_kj` (4.184 kJ are 1 kcal). Null if neither is known.',
    example: 368,
    min: 0,
    nullable: true,
  })
  energyKcal!: number | null;
}

@Documented({ description: 'A new food of your own.', examples: creation })
export class CreateFoodDto extends IntersectionType(FoodFieldsDto, CreateRecordDto) {}

@Documented({
  description:
    'Fields that are left out do not change; `nutrients` and `servings` are replaced as a whole. With another `basis`, send the servings, too.',
  examples: update,
})
export class UpdateFoodDto extends IntersectionType(PartialType(FoodFieldsDto), UpdateRecordDto) {}

@Documented({ description: 'One food of your own.' })
export class FoodDto extends IntersectionType(FoodDataDto, RecordDto) {}

@Documented({ description: 'A page of foods of your own.' })
export class FoodPageDto extends Page {
  @ListField({ description: 'Foods, the newest first.', type: () => FoodDto })
  data!: FoodDto[];
}
