import { isVisible } from '../../../../kernel/http/text-checks.js';
import { mostOf, type NutrientKey, nutrientOf } from '../nutrients.js';
import type { SharedFoodValues } from '../shared/shared-foods.repository.js';

/** The cells of a row by the names of their columns. */
export type Cells = Readonly<Record<string, string>>;

/** A row cannot be read. The message says why, for the operator who runs the import. */
export class UnreadableRow extends Error {}

/** A table of foods in a file, recognized by its columns. */
export interface FoodTable {
  readonly name: string;
  /** The columns without which a file is no such table. */
  readonly columns: readonly string[];
  /** @throws UnreadableRow */
  readonly read: (cells: Cells) => SharedFoodValues;
}

/** How tables write that a value is unknown. It is never zero. */
const UNKNOWN = new Set(['', '-']);

/** A number, or null where it is unknown. @throws UnreadableRow */
export function numberIn(cells: Cells, column: string): number | null {
  const text = cells[column]?.trim() ?? '';
  if (UNKNOWN.has(text)) return null;
  if (!/^\d{1,9}([.,]\d{1,15})?$/.test(text)) throw new UnreadableRow(`${column}: "${text}" is not a number`);
  // 1,234 may be a thousand or little more than one. A leading zero has only one meaning.
  if (/^[1-9]\d{0,2},\d{3}$/.test(text))
    throw new UnreadableRow(`${column}: "${text}" may be a thousand or a decimal: write a point`);
  return Number(text.replace(',', '.'));
}

/** A text, or null for none. @throws UnreadableRow */
export function textIn(cells: Cells, column: string, most: number): string | null {
  const text = cells[column]?.replace(/\s+/g, ' ').trim() ?? '';
  if ([...text].length > most) throw new UnreadableRow(`${column}: longer than ${most} characters`);
  // U+FFFD stands where the bytes were no UTF-8.
  if (text.includes('\uFFFD') || !isVisible(text))
    throw new UnreadableRow(`${column}: has characters that cannot be shown; the file must be UTF-8`);
  return text === '' ? null : text;
}

/** A text that must be there. @throws UnreadableRow */
export function requiredIn(cells: Cells, column: string, most: number): string {
  const text = textIn(cells, column, most);
  if (text === null) throw new UnreadableRow(`${column}: is empty`);
  return text;
}

/** A value within what 100 g or 100 ml can hold. @throws UnreadableRow */
export function checkedAmount(
  key: NutrientKey,
  value: number | null,
  basis: string,
  column: string,
): number | null {
  const { unit } = nutrientOf(key);
  const most = mostOf(unit, basis);
  if (value !== null && value > most)
    throw new UnreadableRow(`${column}: ${value} is more than ${most} ${unit}`);
  return value;
}
