import { camelCase } from '../../../platform/database/naming.js';
import { valueOf } from './food-rules.js';
import type { NutrientsDto } from './nutrients.dto.js';
import { kilocalories, NUTRIENTS } from './nutrients.js';

/** Hides the error of binary fractions: 0.1 × 3 is 0.3. */
const DIGITS = 12;

/**
 * What an amount of a food contains, in grams or millilitres as its basis says. Energy is in kilocalories, also when only its
 * kilojoules are known. What the food does not say stays absent; it does not become zero.
 * @param nutrients what 100 g or 100 ml contain
 */
export function scaleNutrients(nutrients: NutrientsDto, amount: number): NutrientsDto {
  const known = { ...nutrients, energyKcal: kilocalories(nutrients) };
  return Object.fromEntries(
    NUTRIENTS.flatMap(({ key }) => {
      const value = valueOf(known, key);
      return value == null
        ? []
        : [[camelCase(key), Number(((value * amount) / 100).toPrecision(DIGITS))] as const];
    }),
  );
}
