/*
 * Sums over items. Beside each sum stands the number of items with a known value. An app computes the same without a connection: the
 * client has a copy of this file, so it imports nothing that a client does not have.
 */

/** The nutrients that are fields of an item. The others are in its `nutrients`. */
export const FIELDS = ['energyKcal', 'proteinG', 'carbsG', 'fatG'] as const;
export type ItemField = (typeof FIELDS)[number];

/** What an item contains. An unknown value is absent or null. */
export interface ItemValues extends Partial<Readonly<Record<ItemField, number | null>>> {
  readonly nutrients?: object | null;
}

/** The sum of a nutrient over the items with a known value, of which there is at least one. */
export interface NutrientSum {
  sum: number;
  known: number;
}

/** The sums of the other nutrients. A nutrient that no item knows is absent. */
export type NutrientSums = Record<string, NutrientSum>;

/** The sums of the fields of items; null if no item knows the value. */
export interface ItemSums extends Record<ItemField, number | null> {
  itemCount: number;
  energyKnown: number;
  proteinKnown: number;
  carbsKnown: number;
  fatKnown: number;
}

/** The sums of items, but for {@link nutrientSumsOf}. */
export function sumsOf(items: readonly ItemValues[]): ItemSums {
  const [energy, protein, carbs, fat] = FIELDS.map((field) =>
    total(items.flatMap((item) => item[field] ?? [])),
  );
  return {
    itemCount: items.length,
    energyKcal: energy?.sum ?? null,
    energyKnown: energy?.known ?? 0,
    proteinG: protein?.sum ?? null,
    proteinKnown: protein?.known ?? 0,
    carbsG: carbs?.sum ?? null,
    carbsKnown: carbs?.known ?? 0,
    fatG: fat?.sum ?? null,
    fatKnown: fat?.known ?? 0,
  };
}

/** The sums of the other nutrients of items. Null if nothing is known. */
export function nutrientSumsOf(items: readonly ItemValues[]): NutrientSums | null {
  const sums: NutrientSums = {};
  for (const { nutrients } of items)
    for (const [name, value] of Object.entries(nutrients ?? {}))
      if (typeof value === 'number') add(sums, name, { sum: value, known: 1 });
  return Object.keys(sums).length === 0 ? null : sums;
}

/** Adds the sums of a meal to those of its day. */
export function addSums(day: NutrientSums, meal: object): void {
  for (const [name, more] of Object.entries(meal as Readonly<Record<string, NutrientSum | undefined>>))
    if (more) add(day, name, more);
}

function add(sums: NutrientSums, name: string, more: NutrientSum): void {
  const before = sums[name];
  sums[name] = { sum: rounded((before?.sum ?? 0) + more.sum), known: (before?.known ?? 0) + more.known };
}

/** Without what the order of additions leaves behind the decimals that values have: databases and clients add in other orders. */
export const rounded = (sum: number): number => Math.round(sum * 1e6) / 1e6;

/** Undefined for no values, whose sum is unknown. */
const total = (known: readonly number[]): NutrientSum | undefined =>
  known.length === 0 ? undefined : { sum: rounded(known.reduce((a, b) => a + b)), known: known.length };
