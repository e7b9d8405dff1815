import { MAX_COLUMNS } from '../imports.policy.js';
import { csvHead } from './csv-rows.js';
import {
  type CsvColumn,
  type CsvGuess,
  type CsvMapping,
  type CsvValue,
  DATE_FORMATS,
  type DateFormat,
  type Decimal,
  type FileHead,
} from './import-format.js';
import { lookUp, readMoment, readNumber, readText } from './values.js';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const SAMPLE_ROWS = 500;
/** Enough to see what divides them. */
const DELIMITER_ROWS = 50;
/** As many as a person can send, so that what was guessed can be sent back. */
const MAX_VALUES = 50;
const MAX_NAME = 200;
const MAX_SAMPLE = 100;
const MAX_VALUES_BYTES = 10_000;

const TIME_NAMES =
  /^(?:date ?(?:\/|and)? ?time|timestamp|date|datum|day|time|start(?:[ _]?(?:time|date))?|measured[ _]?at|fecha|data|zeit(?:punkt)?|jour)\b/i;
const CLOCK_NAMES = /^(?:time|uhrzeit|hora|heure|ora)$/i;
const END_NAMES = /^(?:end(?:[ _]?(?:time|date))?|ended[ _]?at|bis|until)$/i;
const ID_NAMES = /^(?:id|uuid|external[ _]?id|log[ _]?id)$/i;
const NOTE_NAMES = /^(?:notes?|comments?|notiz|kommentar|bemerkung)$/i;

/** The metrics that a column's name shows, and the unit where the name has none. The first that fits is taken. */
const METRIC_NAMES: readonly (readonly [RegExp, string, string | undefined])[] = [
  [/body[ _]?fat|fat[ _]?(?:mass )?(?:%|percent)|körperfett|fett/i, 'body_fat', '%'],
  [/^(?:body[ _]?)?(?:weight|gewicht|poids|peso|mass)\b|^weight|gewicht/i, 'body_weight', undefined],
  [/\bheight|größe|körpergröße/i, 'body_height', undefined],
  [/resting[ _]?(?:heart|hr)|ruhepuls/i, 'resting_heart_rate', '/min'],
  [/heart[ _]?rate|pulse|puls|\bhr\b|\bbpm\b/i, 'heart_rate', '/min'],
  [/\bsteps?\b|schritte|\bpas\b|pasos/i, 'steps', '{steps}'],
  [/waist|taille|bauchumfang/i, 'waist', undefined],
  [/\bhips?\b|hüft/i, 'hip', undefined],
  [/glucose|blutzucker/i, 'blood_glucose', undefined],
  [/temperature|temperatur/i, 'body_temperature', undefined],
  [/spo2|oxygen|sauerstoff/i, 'oxygen_saturation', '%'],
];

const UNIT_NAMES: Readonly<Record<string, string>> = {
  kg: 'kg',
  kgs: 'kg',
  kilograms: 'kg',
  lb: '[lb_av]',
  lbs: '[lb_av]',
  pounds: '[lb_av]',
  st: '[stone_av]',
  stone: '[stone_av]',
  g: 'g',
  cm: 'cm',
  m: 'm',
  in: '[in_i]',
  inch: '[in_i]',
  inches: '[in_i]',
  '%': '%',
  percent: '%',
  bpm: '/min',
  steps: '{steps}',
  'mg/dl': 'mg/dL',
  'mmol/l': 'mmol/L',
  '°c': 'Cel',
  c: 'Cel',
  '°f': '[degF]',
  f: '[degF]',
};

/** The unit that a person or an app writes, as a code of UCUM. A text that is not known is returned unchanged. */
export const unitOf = (text: string): string => lookUp(UNIT_NAMES, text.trim().toLowerCase()) ?? text.trim();

/** Guesses what the columns mean. What a person sent is kept. */
export async function guessMapping(head: FileHead, sent: Partial<CsvMapping>): Promise<CsvGuess> {
  const delimiter = sent.delimiter ?? (await guessDelimiter(head.text));
  const [columns = [], ...rows] = await csvHead(head, delimiter, SAMPLE_ROWS + 1);
  const sample = new Sample(columns, rows);
  const timeColumn = sent.timeColumn ?? sample.named(TIME_NAMES) ?? '';
  const clock = sample.named(CLOCK_NAMES);
  const values = sent.values ?? fittingValues(sample.names.flatMap((name) => guessValue(name)));
  const formats = sent.dateFormat ? [sent.dateFormat] : formatsOf(sample.textsOf(timeColumn));
  const units = values.filter(({ unit }) => unit === '');
  const numbers = values.flatMap(({ column }) => sample.textsOf(column));
  const mapping: CsvMapping = {
    ...sent,
    delimiter,
    decimal: sent.decimal ?? guessDecimal(numbers, delimiter),
    dateFormat: formats[0] ?? 'year-month-day',
    timeColumn,
    clockColumn: chosen(sent.clockColumn, clock === timeColumn ? undefined : clock),
    endColumn: chosen(sent.endColumn, sample.named(END_NAMES)),
    idColumn: chosen(sent.idColumn, sample.idColumn()),
    noteColumn: chosen(sent.noteColumn, sample.named(NOTE_NAMES)),
    values,
  };
  const undecided = [
    ...(timeColumn === '' ? ['time_column'] : []),
    ...(formats.length === 1 ? [] : ['date_format']),
    ...(sent.decimal || numbers.length > 0 ? [] : ['decimal']),
    ...(values.length === 0 || units.length > 0 ? ['values'] : []),
  ];
  return { mapping, columns: sample.shown(), undecided };
}

/** Null is a choice, too: the table has no such column. */
const chosen = (sent: string | null | undefined, guess: string | undefined): string | null | undefined =>
  sent === undefined ? guess : sent;

/** The columns of a table, and what the first rows have in them. */
class Sample {
  /** The names decide how long the patterns take, and the mapping is stored. */
  readonly names: readonly string[];
  private readonly places: ReadonlyMap<string, number>;

  constructor(
    columns: readonly string[],
    private readonly rows: readonly (readonly string[])[],
  ) {
    this.names = [...new Set(columns)].filter((name) => name.length <= MAX_NAME);
    // Of columns with one name the first is read.
    this.places = new Map(columns.map((name, place) => [name, place] as const).toReversed());
  }

  named(pattern: RegExp): string | undefined {
    return this.names.find((name) => pattern.test(name.trim()));
  }

  /** A column such as that of an account has one value in many rows, which would be taken for one row. */
  idColumn(): string | undefined {
    return this.names.find((name) => {
      if (!ID_NAMES.test(name.trim())) return false;
      const ids = this.textsOf(name);
      return new Set(ids).size === ids.length;
    });
  }

  textsOf(name: string | undefined): string[] {
    const place = name === undefined ? undefined : this.places.get(name);
    return place === undefined ? [] : this.rows.flatMap((row) => row[place]?.trim() || []);
  }

  shown(): CsvColumn[] {
    return this.names
      .slice(0, MAX_COLUMNS)
      .map((name) => ({ name, sample: readText(this.textsOf(name)[0], MAX_SAMPLE) ?? null }));
  }
}

/** The formats in which every time of the sample can be read; several when the sample does not decide. */
const formatsOf = (texts: readonly string[]): DateFormat[] =>
  texts.length === 0
    ? []
    : DATE_FORMATS.filter((format) => texts.every((text) => readMoment(text, format) !== undefined));

/** The delimiter that divides most rows into the same number of several cells. */
async function guessDelimiter(text: string): Promise<string> {
  const head = { text: text.slice(0, 16_384), isWhole: false };
  const scores: number[] = [];
  for (const delimiter of DELIMITERS) {
    const rows = await csvHead(head, delimiter, DELIMITER_ROWS);
    const width = rows[0]?.length ?? 0;
    const isFitting = (row: readonly string[]): boolean => row.length === width;
    scores.push(width < 2 ? 0 : (rows.filter(isFitting).length / rows.length) * 100 + width);
  }
  return DELIMITERS[scores.indexOf(Math.max(...scores))] ?? ',';
}

function guessDecimal(texts: readonly string[], delimiter: string): Decimal {
  const count = (decimal: Decimal) => texts.filter((text) => readNumber(text, decimal) !== undefined).length;
  const [points, commas] = [count('.'), count(',')];
  if (points !== commas) return points > commas ? '.' : ',';
  // Only numbers such as 1,234 can be read in both ways.
  return delimiter !== ',' && texts.some((text) => text.includes(',')) ? ',' : '.';
}

/** The first ones, as many as can be sent back and stored. */
function fittingValues(values: readonly CsvValue[]): CsvValue[] {
  let bytes = 0;
  const end = values.findIndex(
    (value) => (bytes += Buffer.byteLength(JSON.stringify(value))) > MAX_VALUES_BYTES,
  );
  return values.slice(0, Math.min(MAX_VALUES, end < 0 ? values.length : end));
}

function guessValue(column: string): CsvValue[] {
  const found = METRIC_NAMES.find(([pattern]) => pattern.test(column));
  if (!found) return [];
  const [, metric, unit] = found;
  const name = column.trimEnd();
  const written = /[([]([^()[\]]+)[)\]]$/.exec(name)?.[1] ?? /[ _](kg|lbs?|cm|st|%)$/i.exec(name)?.[1];
  const known = lookUp(UNIT_NAMES, written?.trim().toLowerCase());
  return [{ column, metric, unit: known ?? unit ?? '' }];
}
