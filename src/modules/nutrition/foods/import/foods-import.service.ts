import { createReadStream } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse';
import { type SharedFoodValues, SharedFoodsRepository } from '../shared/shared-foods.repository.js';
import { ciqualTable } from './ciqual-table.js';
import { type Cells, type FoodTable, UnreadableRow } from './food-table.js';
import { plainTable } from './plain-table.js';

/** A row that was not imported. */
export interface SkippedRow {
  /** The line in the file where it begins; the header is line 1. */
  readonly line: number;
  readonly reason: string;
}

export interface FoodsImported {
  readonly table: string;
  readonly created: number;
  /** Foods of the same source and reference that were replaced. */
  readonly replaced: number;
  readonly skipped: number;
}

/** The file is no table of foods that this import reads. */
export class UnknownTable extends Error {}

const TABLES: readonly FoodTable[] = [ciqualTable, plainTable];
/** Foods of one transaction. */
const BATCH = 2_000;
/** Longer than any row of a table. A quote that is not closed ends the import there, and does not fill the memory. */
const MAX_ROW = 20_000;

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Imports tables of foods that everybody may read. Repeating an import changes nothing. */
@Injectable()
export class FoodsImportService {
  constructor(private readonly foods: SharedFoodsRepository) {}

  /**
   * Reads a CSV file as a stream and stores its foods, a batch at a time.
   * @param skip is told each row that cannot be read; the others are imported.
   * @throws UnknownTable, CsvError when the file stops being CSV; what was stored before stays
   */
  async import(file: string, skip: (row: SkippedRow) => void): Promise<FoodsImported> {
    const counts = { read: 0, created: 0, skipped: 0 };
    const refuse = (row: SkippedRow): void => {
      counts.skipped++;
      skip(row);
    };
    let batch: SharedFoodValues[] = [];
    const store = async (): Promise<void> => {
      counts.created += await this.foods.store(batch);
      counts.read += batch.length;
      batch = [];
    };
    let reader: TableReader | undefined;
    for await (const { record, info } of linesOf(file)) {
      if (!reader) {
        reader = new TableReader(record);
        continue;
      }
      const food = reader.read(record, info.lines, refuse);
      if (food && batch.push(food) === BATCH) await store();
    }
    if (!reader) throw new UnknownTable('The file is empty');
    await store();
    const { read, created, skipped } = counts;
    return { table: reader.table.name, created, replaced: read - created, skipped };
  }
}

function linesOf(file: string): AsyncIterable<Line> {
  const parser = parse({
    bom: true,
    info: true,
    max_record_size: MAX_ROW,
    relax_column_count: true,
    skip_empty_lines: true,
    relax_quotes: true,
  });
  return createReadStream(file)
    .on('error', (error) => parser.destroy(error))
    .pipe(parser) as AsyncIterable<Line>;
}

/** Reads the rows of one file. */
class TableReader {
  readonly table: FoodTable;

  /** @throws UnknownTable */
  constructor(private readonly header: readonly string[]) {
    const table = TABLES.find(({ columns }) => columns.every((column) => header.includes(column)));
    if (!table)
      throw new UnknownTable(
        `The first line must name the columns of Ciqual 2020, or at least ${plainTable.columns.join(', ')}`,
      );
    const twice = header.find((column, at) => header.indexOf(column) !== at);
    if (twice !== undefined) throw new UnknownTable(`The first line names the column "${twice}" twice`);
    this.table = table;
  }

  /** @param end the line where the row ends */
  read(
    record: readonly string[],
    end: number,
    skip: (row: SkippedRow) => void,
  ): SharedFoodValues | undefined {
    try {
      return this.table.read(this.cellsOf(record));
    } catch (error) {
      if (!(error instanceof UnreadableRow)) throw error;
      const breaks = record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
      skip({ line: end - breaks, reason: error.message });
      return undefined;
    }
  }

  private cellsOf(record: readonly string[]): Cells {
    if (record.length !== this.header.length)
      throw new UnreadableRow(`has ${record.length} columns, and the header ${this.header.length}`);
    return Object.fromEntries(this.header.map((column, at) => [column, record[at] ?? '']));
  }
}
