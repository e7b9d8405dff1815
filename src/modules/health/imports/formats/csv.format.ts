import { guessMapping, unitOf } from './csv-mapping.js';
import { type CsvRow, csvRows } from './csv-rows.js';
import {
  type CsvMapping,
  fault,
  type ImportFormat,
  type ImportItem,
  type ImportRow,
  isFault,
  type Moment,
  type RowFault,
  UnreadableFile,
} from './import-format.js';
import { idFrom, readMoment, readNumber, readText } from './values.js';

/** Any table with a time and numbers. The mapping says what its columns mean. */
export const csvFormat: ImportFormat = {
  name: 'csv',
  about: 'A table with a column for the time and one or more columns with numbers; `mapping` says which.',
  container: 'csv',
  source: 'csv',
  kinds: [],
  recognises: () => true,
  guess: guessMapping,
  async *read(source, { mapping }) {
    if (!mapping) throw new Error('A table is read with a mapping');
    let table: Table | undefined;
    for await (const row of csvRows(source, mapping.delimiter)) {
      if (isFault(row)) yield row;
      else if (table) yield table.read(row);
      else table = new Table(mapping, row.cells);
    }
  },
};

const MAX_NOTE = 1_000;

type Cells = (name: string | null | undefined) => string;

class Table {
  private readonly places: ReadonlyMap<string, number>;

  /** @throws UnreadableFile when a column of the mapping is missing */
  constructor(
    private readonly mapping: CsvMapping,
    columns: readonly string[],
  ) {
    // Of columns with one name the first, as when the mapping was guessed.
    this.places = new Map(columns.map((name, place) => [name, place] as const).toReversed());
    const { timeColumn, clockColumn, endColumn, idColumn, noteColumn, values } = mapping;
    const used = [timeColumn, clockColumn, endColumn, idColumn, noteColumn, ...values.map((it) => it.column)];
    for (const name of used)
      if (name != null && !this.places.has(name))
        throw new UnreadableFile('column-missing', 'The file lacks columns that `mapping` names.');
  }

  read(row: CsvRow): ImportRow {
    const { line } = row;
    const cell: Cells = (name) => (name == null ? '' : (row.cells[this.places.get(name) ?? -1] ?? '').trim());
    const { endColumn, dateFormat } = this.mapping;
    const start = this.start(cell);
    if (!start)
      return fault(line, 'time', 'invalid', `The time is not in the form ${dateFormat}, or is missing`);
    const endText = cell(endColumn);
    const end = endText === '' ? undefined : readMoment(endText, dateFormat);
    if (endText !== '' && !end)
      return fault(line, 'end', 'invalid', `The end is not in the form ${dateFormat}`);
    return this.items(line, cell, start, end);
  }

  private start(cell: Cells): Moment | undefined {
    const { timeColumn, clockColumn, dateFormat } = this.mapping;
    const clock = cell(clockColumn);
    return readMoment(clock === '' ? cell(timeColumn) : `${cell(timeColumn)} ${clock}`, dateFormat);
  }

  private items(line: number, cell: Cells, start: Moment, end: Moment | undefined): ImportRow {
    const { values, decimal, idColumn, noteColumn, source } = this.mapping;
    if (cell(noteColumn).length > MAX_NOTE)
      return fault(line, 'note', 'out-of-range', `The note has more than ${MAX_NOTE} characters`);
    const note = readText(cell(noteColumn), MAX_NOTE);
    const id = idFrom(cell(idColumn));
    const items: ImportItem[] = [];
    for (const { column, metric, unit } of values) {
      const text = cell(column);
      // An empty cell says that nothing was measured.
      if (text === '') continue;
      const value = readNumber(text, decimal);
      if (value === undefined) return notANumber(line, metric, decimal);
      items.push({
        is: 'reading',
        metric,
        value,
        unit: unitOf(unit),
        start,
        ...(end ? { end } : {}),
        ...(note === undefined ? {} : { note }),
        ...(source === undefined ? {} : { source }),
        ...(id === undefined ? {} : { externalId: `${metric}:${id}` }),
      });
    }
    return { line, items };
  }
}

const notANumber = (line: number, metric: string, decimal: string): RowFault =>
  fault(line, metric, 'wrong-type', `${metric} is not a number with "${decimal}" before its decimals`);
