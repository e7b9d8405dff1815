import type { Readable } from 'node:stream';
import type { FieldError } from '../../../../kernel/http/problem.js';

/*
 * A format reads one kind of file and yields neutral items: what was measured, when and in which unit, as the file says it.
 * It knows no table and no person. `import-targets.ts` turns items into records.
 */

/** When something was, as the file says it: an instant, a time on the clock of some place, or a calendar day. */
export type Moment =
  | { readonly is: 'instant'; readonly at: Date }
  | { readonly is: 'local'; readonly text: string }
  | { readonly is: 'day'; readonly text: string };

/** What all items of a file have. */
interface Item {
  readonly start: Moment;
  readonly end?: Moment;
  /** In place of an end, where an hour of the clock that is set back must stay an hour. */
  readonly lastsMs?: number;
  /** The id of the item in the file's own system, if the file has one. */
  readonly externalId?: string;
  /** The source under which it is stored, in place of that of the format. */
  readonly source?: string;
  /** Who or what recorded it: the account, app or device that the file names. Items of different origins are never the same. */
  readonly origin?: string;
  /** The time zone of the item, when the file has one for each item. */
  readonly timeZone?: string;
  /** In place of a time zone: by how many seconds the clock of the place was ahead of UTC. */
  readonly offset?: number;
  readonly device?: string;
  /** Whether a device measured it, or the person said so. */
  readonly modality?: 'sensed' | 'self_reported';
  readonly note?: string;
}

/** One measurement, or one sum over a period. */
export interface Reading extends Item {
  readonly is: 'reading';
  readonly metric: string;
  /** Absent for a composite, which has parts. */
  readonly value?: number;
  readonly unit: string;
  /** The values of a composite, such as `{ systolic: 120, diastolic: 80 }`. */
  readonly parts?: Readonly<Record<string, number>>;
  readonly context?: string;
}

export interface SleepStage {
  readonly stage: string;
  readonly start: Moment;
  readonly end: Moment;
}

/** One time of sleep. Its start is a day, the one on which it ended, where the file knows only minutes. */
export interface Sleep extends Item {
  readonly is: 'sleep';
  readonly stages?: readonly SleepStage[];
  readonly minutesAsleep?: number;
  readonly minutesInBed?: number;
  readonly isNap?: boolean;
}

export type ImportItem = Reading | Sleep;

/** A row of a table, an element of a document. */
export interface ReadRow {
  readonly line: number;
  /** The number of the record, for files that may have many on one line. */
  readonly record?: number;
  /** Which part of the record the row is, such as `samples.3`, where each part is a row. */
  readonly within?: string;
  /** None for a row that says nothing that can be stored, such as a kind of measurement that is not known here. */
  readonly items: readonly ImportItem[];
}

/** A row that could not be read whole, so nothing of it is stored. The message contains no value of the row. */
export interface RowFault {
  readonly line: number;
  readonly record?: number;
  readonly fault: FieldError;
}

export type ImportRow = ReadRow | RowFault;

/** The whole file cannot be read any further. What was stored before remains, and can be taken back. */
export class UnreadableFile extends Error {
  constructor(
    /** A stable code for programs. */
    readonly code: FileFailure,
    /** For people, without any content of the file. */
    readonly detail: string,
  ) {
    super(code);
  }
}

/** The beginning of a file, which may be all of it. */
export interface FileHead {
  readonly text: string;
  readonly isWhole: boolean;
}

/** What stands before the decimals of a number. */
export type Decimal = '.' | ',';

/** The order of the parts of a date, or a count since 1970. */
export const DATE_FORMATS = [
  'year-month-day',
  'day-month-year',
  'month-day-year',
  'unix-seconds',
  'unix-milliseconds',
] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** What the columns of a table mean. */
export interface CsvMapping {
  readonly delimiter: string;
  readonly decimal: Decimal;
  readonly dateFormat: DateFormat;
  /** The column with the time of each row, or with its day. */
  readonly timeColumn: string;
  /**
   * The column with the time of day, when `timeColumn` has only the day. Here and in the next ones, null says that the table has
   * no such column, and undefined that it is to be guessed.
   */
  readonly clockColumn?: string | null | undefined;
  readonly endColumn?: string | null | undefined;
  readonly idColumn?: string | null | undefined;
  readonly noteColumn?: string | null | undefined;
  /** What the person calls the source of the table; that of the format by default. */
  readonly source?: string | undefined;
  readonly values: readonly CsvValue[];
}

export interface CsvValue {
  readonly column: string;
  readonly metric: string;
  readonly unit: string;
}

export interface CsvColumn {
  readonly name: string;
  /** Its first value that is not empty. */
  readonly sample: string | null;
}

/** What the beginning of a table says about its form. */
export interface CsvGuess {
  readonly mapping: CsvMapping;
  readonly columns: readonly CsvColumn[];
  /** Members of the mapping that the file does not decide, by their names on the wire. The person has to send them. */
  readonly undecided: readonly string[];
}

/** Why a file cannot be read any further. */
export const FILE_FAILURES = [
  'archive-damaged',
  'column-missing',
  'json-invalid',
  'json-root',
  'json-too-deep',
  'json-too-long',
  'too-large',
  'too-many-faults',
  'too-many-rows',
  'xml-entity',
  'xml-invalid',
  'xml-root',
  'xml-too-deep',
  'xml-too-long',
] as const;
export type FileFailure = (typeof FILE_FAILURES)[number];

export interface ReadOptions {
  readonly mapping?: CsvMapping | undefined;
}

/** What a file is outside; the content decides, not its name. */
export type Container = 'csv' | 'xml' | 'json';

export interface ImportFormat {
  /** The name in the API. It is stored, and is part of derived ids: never change it. */
  readonly name: string;
  readonly about: string;
  readonly container: Container;
  /** The source under which its readings are stored. */
  readonly source: string;
  /** The kinds of records that it can yield. A format is offered when all of them exist. */
  readonly kinds: readonly string[];
  /** Whether the beginning of a file is of this format. The first format that says so reads the file. */
  recognises(head: string): boolean;
  /** Guesses what the columns of a table mean. What a person sent is kept. Only a format with a mapping has it. */
  guess?(head: FileHead, sent: Partial<CsvMapping>): Promise<CsvGuess>;
  /** Reads the rows one after the other, in constant memory. @throws UnreadableFile */
  read(source: Readable, options: ReadOptions): AsyncIterable<ImportRow>;
}

export const fault = (line: number, field: string, code: string, message: string): RowFault => ({
  line,
  fault: { field, code, message },
});

/** Origins are remembered while a file is read, so a long one is cut. */
export const originFrom = (text: string | undefined): string => (text ?? '').slice(0, 200);

export const isFault = <Row extends object>(row: Row | RowFault): row is RowFault => 'fault' in row;
