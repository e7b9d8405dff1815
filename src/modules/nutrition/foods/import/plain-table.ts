import { revive } from '../../../../kernel/http/answer.js';
import { gtin14 } from '../gtin.js';
import { NutrientsDto } from '../nutrients.dto.js';
import { NUTRIENTS } from '../nutrients.js';
import {
  type Cells,
  checkedAmount,
  type FoodTable,
  numberIn,
  requiredIn,
  textIn,
  UnreadableRow,
} from './food-table.js';

const BASES = ['per_100g', 'per_100ml'];

/** Hale's own table, into which other sources are converted: a nutrient is a column with its name in the API. */
export const plainTable: FoodTable = {
  name: 'Hale',
  columns: ['source', 'source_ref', 'name'],
  read: (cells) => {
    const basis = textIn(cells, 'basis', 16) ?? 'per_100g';
    if (!BASES.includes(basis)) throw new UnreadableRow(`basis: "${basis}" is not ${BASES.join(' or ')}`);
    return {
      source: sourceIn(cells),
      sourceRef: requiredIn(cells, 'source_ref', 64),
      sourceLicence: textIn(cells, 'source_licence', 100),
      name: requiredIn(cells, 'name', 200),
      otherName: textIn(cells, 'other_name', 200),
      brand: textIn(cells, 'brand', 100),
      barcode: barcodeIn(cells),
      basis,
      nutrients: revive(NutrientsDto, valuesOf(cells, basis)),
      servings: [],
      category: textIn(cells, 'category', 100),
      language: textIn(cells, 'language', 16),
    };
  },
};

/** The id of a food is made of `{source}/{source_ref}`, so a slash in the source could give two foods one id. */
function sourceIn(cells: Cells): string {
  const source = requiredIn(cells, 'source', 32);
  if (source.includes('/')) throw new UnreadableRow(`source: "${source}" has a slash`);
  return source;
}

function barcodeIn(cells: Cells): string | null {
  const text = textIn(cells, 'barcode', 32);
  if (text === null) return null;
  const barcode = gtin14(text);
  if (barcode === undefined) throw new UnreadableRow(`barcode: "${text}" is not a GTIN with its check digit`);
  return barcode;
}

/** A column that the file does not have is unknown of all its foods. */
const valuesOf = (cells: Cells, basis: string): Record<string, number | null> =>
  Object.fromEntries(
    NUTRIENTS.filter(({ key }) => key in cells).map(({ key }) => [
      key,
      checkedAmount(key, numberIn(cells, key), basis, key),
    ]),
  );
