import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { MAX_LIMIT, PAGE_BYTES } from '../../kernel/http/paging.js';
import type { SqlRow } from '../../platform/database/statements.js';

/** How large the values of a column are in an answer, in bytes of JSON. */
export interface ColumnSize {
  /** What no value exceeds. */
  readonly most: number;
  /** Measures one value. Undefined for a column whose values are all so small that `most` is used. */
  readonly measure: ((value: string) => number) | undefined;
}

/** Enough for an instant or a number, with its quotes. */
const SCALAR_BYTES = 26;
/** Colon, comma and quotes beside the name of a member. */
const PUNCTUATION = 4;
/** A code point has at most four bytes in UTF-8, and an escaped character two. */
const BYTES_OF_CHARACTER = 4;
/** A text of at most this many characters is not measured, unless it may be null. */
const SHORT_TEXT = 36;

const TEXTS = new Set(['varchar', 'text', 'mediumtext']);

/** The size of a column's values, by the declaration of the column. */
export function columnSize({
  type,
  length,
  transformer,
  isNullable,
}: Pick<ColumnMetadata, 'type' | 'length' | 'transformer' | 'isNullable'>): ColumnSize {
  if (!TEXTS.has(String(type))) return { most: SCALAR_BYTES, measure: undefined };
  const characters = length ? Number(length) : Infinity;
  // One that may be null is often null: counted as a text, it would make pages shorter.
  if (characters <= SHORT_TEXT && !isNullable)
    return { most: characters * BYTES_OF_CHARACTER, measure: undefined };
  // A column with a transformer holds the JSON that is answered.
  const measure = transformer ? Buffer.byteLength : bytesOfText;
  return { most: characters * BYTES_OF_CHARACTER, measure };
}

const bytesOfText = (text: string): number => Buffer.byteLength(JSON.stringify(text));

type NamedSize = ColumnSize & { readonly name: string };

const frameOf = (columns: readonly NamedSize[]): number =>
  columns.reduce((sum, { name }) => sum + name.length + PUNCTUATION, 0);

/** What no row with these columns exceeds; infinite where a column has no limit. */
export const mostRowBytes = (columns: readonly NamedSize[]): number =>
  columns.reduce((sum, column) => sum + column.most, frameOf(columns));

/** What no row with these columns exceeds, or, where that is too much for the largest page, a function that measures a row. */
export function rowBytes(columns: readonly NamedSize[]): number | ((row: SqlRow) => number) {
  const most = mostRowBytes(columns);
  if (most * MAX_LIMIT <= PAGE_BYTES) return most;
  const measured = columns.flatMap(({ name, measure }) => (measure ? [{ name, measure }] : []));
  const fixed = columns.reduce((sum, column) => sum + (column.measure ? 0 : column.most), frameOf(columns));
  return (row) =>
    measured.reduce((sum, { name, measure }) => {
      const value = row[name];
      return typeof value === 'string' ? sum + measure(value) : sum;
    }, fixed);
}
