// Copied by `npm run generate` from src/modules/nutrition/foods/scale-nutrients.ts: change it there.
import { type Energy, kilocalories } from './nutrients.js';

/** Hides the error of binary fractions: 0.1 × 3 is 0.3. */
const DIGITS = 12;

/** What a part of something has of a value that the whole has. */
export const shareOf = (value: number, part: number, whole: number): number =>
  Number(((value * part) / whole).toPrecision(DIGITS));

/**
 * What an amount of a food contains, in grams or millilitres as its basis says. Energy is in kilocalories, also when only its
 * kilojoules are known. What the food does not say stays absent; it does not become zero.
 * @param nutrients what 100 g or 100 ml contain
 */
export function scaleNutrients<Nutrients extends Energy>(nutrients: Nutrients, amount: number): Nutrients {
  const known = Object.entries({ ...nutrients, energyKcal: kilocalories(nutrients) });
  return Object.fromEntries(
    known.flatMap(([name, value]) =>
      typeof value === 'number' ? [[name, shareOf(value, amount, 100)] as const] : [],
    ),
  ) as Energy as Nutrients;
}
