import type { Readable } from 'node:stream';
import { CsvError, parse, type Options } from 'csv-parse/sync';
import { TimeSlice } from '../../../../platform/time-slice.js';
import { fault, type FileHead, isFault, type RowFault, UnreadableFile } from './import-format.js';
import { headLines, type WholeLine, wholeLines } from './whole-lines.js';

/** A file with so many rows that are no rows is not a table. */
const MAX_FAULTS = 10_000;

type Cells = readonly string[];

export interface CsvRow {
  readonly line: number;
  readonly cells: Cells;
}

const optionsFor = (delimiter: string): Options => ({
  bom: true,
  delimiter,
  record_delimiter: '\n',
  relax_column_count: true,
  // A mark inside of a text, as in 5", is part of it.
  relax_quotes: true,
  skip_empty_lines: true,
});

/**
 * The rows of a table one after the other. A row that cannot be read is a fault in its place, and the next ones are read. Rows
 * and faults are the same at each reading, because an import that was interrupted goes on by their number.
 * @throws UnreadableFile
 */
export async function* csvRows(source: Readable, delimiter: string): AsyncGenerator<CsvRow | RowFault> {
  let faults = 0;
  try {
    for await (const line of wholeLines(source))
      for (const row of rowsOf(line, delimiter)) {
        if (isFault(row) && ++faults > MAX_FAULTS)
          throw new UnreadableFile('too-many-faults', `More than ${MAX_FAULTS} rows are not valid CSV.`);
        yield row;
      }
  } finally {
    source.destroy();
  }
}

/** Lines are parsed one by one, so that a wrong one can spoil no other. */
function rowsOf({ line, text }: WholeLine, delimiter: string): (CsvRow | RowFault)[] {
  if (text === undefined) return [unreadable(line)];
  if (text === '') return [];
  // Most lines, and without a mark there is nothing to parse.
  if (!text.includes('"')) return [{ line, cells: text.split(delimiter) }];
  try {
    // The options decide the form of the result, which the types of the parser do not show.
    const found: unknown = parse(text, { ...optionsFor(delimiter), info: true });
    return (found as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      line: line + info.lines - 1,
      cells: record,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const [, ...others] = text.split('\n');
    const next = others.flatMap((other, place) => rowsOf({ line: line + place + 1, text: other }, delimiter));
    return [unreadable(line), ...next];
  }
}

/** The first rows of a table, at most `most` of them with those that cannot be read, which are left out. */
export async function csvHead(
  { text, isWhole }: FileHead,
  delimiter: string,
  most: number,
): Promise<Cells[]> {
  const slice = new TimeSlice();
  const rows: (CsvRow | RowFault)[] = [];
  for (const line of headLines(text, isWhole)) {
    rows.push(...rowsOf(line, delimiter));
    if (rows.length >= most) break;
    if (slice.isOver) await slice.next();
  }
  return rows.slice(0, most).flatMap((row) => (isFault(row) ? [] : [row.cells]));
}

const unreadable = (line: number): RowFault =>
  fault(
    line,
    'row',
    'unreadable',
    'The row is not valid CSV, for example because a quotation mark is not closed, or is too long',
  );
