import type { FieldError } from '../../../kernel/http/problem.js';
import { camelCase } from '../../../platform/database/naming.js';
import type { FoodFieldsDto, ServingDto } from './foods.dto.js';
import type { NutrientsDto } from './nutrients.dto.js';
import { MOST, NUTRIENTS } from './nutrients.js';

/** The value of a nutrient, by its name in the API. */
const valueOf = (nutrients: NutrientsDto, key: string): number | null | undefined =>
  nutrients[camelCase(key) as keyof NutrientsDto];

/**
 * Checks the rules between the fields of a food.
 * @param food may lack the fields of a group that a change does not have; basis, nutrients and servings are one group.
 */
export function faultsOfFood({ basis, nutrients, servings }: Partial<FoodFieldsDto>): FieldError[] {
  if (basis === undefined || nutrients === undefined || servings === undefined) return [];
  return [
    ...(basis === 'per_100g' ? faultsOfMass(nutrients) : []),
    ...servings.flatMap(({ unit }, at) => faultsOfUnit(basis, unit, at)),
    ...faultsOfDefault(servings),
  ];
}

/** 100 ml may weigh more than 100 g, but 100 g cannot contain more than their own mass. */
const faultsOfMass = (nutrients: NutrientsDto): FieldError[] =>
  NUTRIENTS.filter(({ key, unit }) => (valueOf(nutrients, key) ?? 0) > MOST[unit]).map(({ key, unit }) => ({
    field: `nutrients.${key}`,
    code: 'out-of-range',
    message: `nutrients.${key} must be at most ${MOST[unit]} per 100 g`,
  }));

function faultsOfUnit(basis: string, unit: string, at: number): FieldError[] {
  const expected = basis === 'per_100g' ? 'g' : 'ml';
  if (unit === expected) return [];
  const message = `servings.${at}.unit must be ${expected}, because the nutrients are ${basis}`;
  return [{ field: `servings.${at}.unit`, code: 'not-allowed', message }];
}

function faultsOfDefault(servings: readonly ServingDto[]): FieldError[] {
  const defaults = servings.filter(({ isDefault }) => isDefault).length;
  if (servings.length === 0 || defaults === 1) return [];
  const message = 'exactly one of servings must have is_default';
  return [{ field: 'servings', code: 'invalid', message }];
}
