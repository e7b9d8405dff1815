import { readFileSync } from 'node:fs';
import { isoDate, usDate } from './date-text.js';
import { counted } from './wording.js';
import { InputError, units, type Input, type Measurement, type Person } from './measurement.js';

const SHOWN_BAD_ROWS = 20;

/** Cells of one row, by column name. */
type Row = (column: string) => string;

interface Format {
  readonly columns: readonly string[];
  readonly note: string;
  readonly person: (row: Row) => string;
  readonly measurement: (row: Row) => Measurement;
}

class BadRow extends Error {}

const formats: readonly Format[] = [
  {
    columns: ['Id', 'Date', 'WeightKg'],
    note: 'Its dates name no time zone: they are read as UTC.',
    person: (row) => `person ${row('Id') || bad('Id is empty')}`,
    measurement: (row) => ({
      timestamp:
        usDate(row('Date')) ??
        bad(`Date "${row('Date')}" is not like 4/12/2016 11:59:59 PM or 4/12/16 23:59`),
      weight_value: weight('WeightKg', row),
      unit: 'kg',
    }),
  },
  {
    columns: ['timestamp', 'weight_value', 'unit'],
    note: '',
    person: () => 'the person of the file',
    measurement: (row) => ({
      timestamp:
        isoDate(row('timestamp')) ??
        bad(
          `timestamp "${row('timestamp')}" is not an ISO 8601 instant with offset, like 2026-01-06T20:30:00Z`,
        ),
      weight_value: weight('weight_value', row),
      unit: units.find((unit) => unit === row('unit')) ?? bad(`unit "${row('unit')}" is not kg, lb or st`),
    }),
  },
];

/**
 * Reads a file of weights. Rows that cannot be used are named by line number and left out.
 * @throws InputError when the file cannot be read, has other columns, or has no usable row.
 */
export function readWeights(path: string): Input {
  const [header = '', ...lines] = textOf(path).split(/\r?\n/);
  const columns = cellsOf(header) ?? [];
  const format = formats.find((candidate) => candidate.columns.every((name) => columns.includes(name)));
  if (!format)
    throw new InputError(`${path}: needs the columns ${wanted()}; it has ${columns.join(', ') || 'none'}.`);

  const { people, skipped } = readRows(lines, columns, format);
  const count = people.reduce((sum, person) => sum + person.measurements.length, 0);
  const [firstSkipped] = skipped;
  if (count === 0) throw new InputError(`${path}: no usable row${firstSkipped ? ` (${firstSkipped})` : ''}.`);
  const summary = `${path}: ${counted(count, 'measurement')} of ${counted(people.length, 'person', 'people')}.`;
  return { people, about: [summary, format.note, ...shortened(skipped)].filter(Boolean) };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(
      `${path}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`}.`,
    );
  }
}

const wanted = (): string => formats.map((format) => format.columns.join(', ')).join(' (or ') + ')';

function readRows(lines: readonly string[], columns: readonly string[], format: Format) {
  const people = new Map<string, Measurement[]>();
  const skipped: string[] = [];
  const seen = new Map<string, number>();
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const number = index + 2;
    try {
      const row = rowOf(line, columns);
      const person = format.person(row);
      const measurement = format.measurement(row);
      refuseRepeated(seen, number, JSON.stringify([person, measurement]));
      const earlier = people.get(person);
      if (earlier) earlier.push(measurement);
      else people.set(person, [measurement]);
    } catch (error) {
      if (!(error instanceof BadRow)) throw error;
      skipped.push(`line ${number}: ${error.message}`);
    }
  });
  const found = [...people].map(([name, measurements]): Person => ({ name, measurements }));
  return { people: found, skipped };
}

/** Exports repeat rows; the same weight in the same second counts as a repetition. */
function refuseRepeated(seen: Map<string, number>, number: number, content: string): void {
  const earlier = seen.get(content);
  if (earlier !== undefined) bad(`the same as line ${earlier}`);
  seen.set(content, number);
}

function rowOf(line: string, columns: readonly string[]): Row {
  const cells = cellsOf(line) ?? bad('a quote is not closed');
  if (cells.length !== columns.length) bad(`${cells.length} cells under ${columns.length} columns`);
  return (column) => cells[columns.indexOf(column)] ?? '';
}

/** Cells may be quoted, `""` being a quote inside; a cell does not span lines. Undefined: a quote is not closed. */
function cellsOf(line: string): string[] | undefined {
  // With a comma before every cell, also before the first, no match is empty.
  const cells = [...`,${line}`.matchAll(/,(?:\s*"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)];
  if (cells.some(([, , plain]) => plain?.trimStart().startsWith('"'))) return undefined;
  return cells.map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim());
}

function weight(column: string, row: Row): number {
  const text = row(column);
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  return number > 0 ? number : bad(`${column} "${text}" is not a weight`);
}

function bad(message: string): never {
  throw new BadRow(message);
}

function shortened(skipped: readonly string[]): string[] {
  const shown = skipped.slice(0, SHOWN_BAD_ROWS).map((message) => `Skipped ${message}.`);
  const more = skipped.length - shown.length;
  return more > 0 ? [...shown, `Skipped ${more} more rows.`] : shown;
}
