import { type CsvRow, csvRows } from './csv-rows.js';
import {
  fault,
  type ImportFormat,
  type ImportItem,
  type ImportRow,
  isFault,
  type Moment,
  originFrom,
  UnreadableFile,
} from './import-format.js';
import { readMoment, readNumber } from './values.js';

/* The tables of a Fitbit export. Their times are local times without a zone, with the month first. */

interface FitbitTable {
  readonly name: string;
  readonly about: string;
  readonly time: string;
  /** How long a row lasts. A day is a calendar day, which need not have 24 hours. */
  readonly lasts: 'day' | 'hour' | 'moment';
  /** What the columns mean. All of them must be there; an empty cell says that nothing was measured. */
  readonly values: Readonly<Record<string, readonly [metric: string, unit: string]>>;
  /** In place of `values`: columns with minutes of one night. */
  readonly night?: { readonly asleep: string; readonly inBed: string };
  readonly kinds: readonly string[];
}

const TABLES: readonly FitbitTable[] = [
  {
    name: 'fitbit_weight',
    about: 'The weights of a Fitbit export, `weightLogInfo_merged.csv`.',
    time: 'Date',
    lasts: 'moment',
    values: { WeightKg: ['body_weight', 'kg'], Fat: ['body_fat', '%'], BMI: ['bmi', 'kg/m2'] },
    kinds: ['weight', 'health_metric'],
  },
  {
    name: 'fitbit_hourly_steps',
    about: 'The steps of each hour of a Fitbit export, `hourlySteps_merged.csv`.',
    time: 'ActivityHour',
    lasts: 'hour',
    values: { StepTotal: ['steps', 'steps'] },
    kinds: ['health_metric'],
  },
  {
    name: 'fitbit_daily_activity',
    about:
      'The days of a Fitbit export, `dailyActivity_merged.csv`: steps, distance and sedentary minutes. Its calories are those of the whole day, which no kind of measurement has.',
    time: 'ActivityDate',
    lasts: 'day',
    values: {
      TotalSteps: ['steps', 'steps'],
      TotalDistance: ['distance_walk_run', 'km'],
      SedentaryMinutes: ['sedentary_minutes', 'min'],
    },
    kinds: ['health_metric'],
  },
  {
    name: 'fitbit_sleep',
    about: 'The nights of a Fitbit export, `sleepDay_merged.csv`: minutes asleep and in bed of each day.',
    time: 'SleepDay',
    lasts: 'day',
    values: {},
    night: { asleep: 'TotalMinutesAsleep', inBed: 'TotalTimeInBed' },
    kinds: ['sleep'],
  },
];

/** The column with the account at Fitbit. */
const ACCOUNT = 'Id';

const fitbitFormat = (table: FitbitTable): ImportFormat => ({
  name: table.name,
  about: table.about,
  container: 'csv',
  source: 'fitbit',
  kinds: table.kinds,
  recognises: (head) =>
    hasColumns(table, (head.split(/\r?\n/, 1)[0] ?? '').replace(/^\uFEFF/, '').split(',')),
  async *read(source) {
    let columns: readonly string[] | undefined;
    for await (const row of csvRows(source, ',')) {
      if (isFault(row)) yield row;
      else if (columns) yield readRow(table, row, columns);
      else if (hasColumns(table, row.cells)) columns = row.cells;
      else throw new UnreadableFile('column-missing', 'The file lacks columns of this Fitbit table.');
    }
  },
});

export const fitbitFormats: readonly ImportFormat[] = TABLES.map(fitbitFormat);

const hasColumns = ({ time, values, night }: FitbitTable, columns: readonly string[]): boolean =>
  [ACCOUNT, time, ...Object.keys(values), ...Object.values(night ?? {})].every((column) =>
    columns.includes(column),
  );

type Cell = (name: string) => string;

function readRow(table: FitbitTable, row: CsvRow, columns: readonly string[]): ImportRow {
  const { line, cells } = row;
  if (cells.length !== columns.length)
    return fault(line, 'row', 'unreadable', `The row must have ${columns.length} cells`);
  const cell: Cell = (name) => (cells[columns.indexOf(name)] ?? '').trim();
  const { time, lasts, night } = table;
  const start = readMoment(cell(time), 'month-day-year');
  const period = start && periodOf(start, lasts);
  if (!period) return fault(line, time, 'invalid', `${time} must be a date with the month first, and a time`);
  return night ? readNight(night, line, cell, period) : readValues(table, line, cell, period);
}

function readValues({ values }: FitbitTable, line: number, cell: Cell, period: Period): ImportRow {
  const items: ImportItem[] = [];
  for (const [column, [metric, unit]] of Object.entries(values)) {
    if (cell(column) === '') continue;
    const value = readNumber(cell(column));
    if (value === undefined) return fault(line, column, 'wrong-type', `${column} must be a number`);
    items.push({ is: 'reading', metric, value, unit, ...period, origin: originFrom(cell(ACCOUNT)) });
  }
  return { line, items };
}

/** The table says on which day a night ended, and not when. */
function readNight(
  { asleep, inBed }: NonNullable<FitbitTable['night']>,
  line: number,
  cell: Cell,
  { start }: Period,
): ImportRow {
  const [minutesAsleep, minutesInBed] = [readNumber(cell(asleep)), readNumber(cell(inBed))];
  if (minutesAsleep === undefined) return fault(line, asleep, 'wrong-type', `${asleep} must be a number`);
  if (minutesInBed === undefined) return fault(line, inBed, 'wrong-type', `${inBed} must be a number`);
  return {
    line,
    items: [{ is: 'sleep', start, minutesAsleep, minutesInBed, origin: originFrom(cell(ACCOUNT)) }],
  };
}

type Period = Pick<ImportItem, 'start' | 'end' | 'lastsMs'>;

/** Undefined where the time is not as exact as it must be. */
function periodOf(start: Moment, lasts: FitbitTable['lasts']): Period | undefined {
  if (lasts === 'day') return dayOf(start);
  if (start.is !== 'local') return undefined;
  return lasts === 'hour' ? { start, lastsMs: HOUR_MS } : { start };
}

const HOUR_MS = 3_600_000;

/** Some exports write a day as its midnight. */
function dayOf(start: Moment): Period | undefined {
  if (start.is === 'day') return { start, end: start };
  const [, text] = start.is === 'local' ? (/^(\S+)T00:00:00$/.exec(start.text) ?? []) : [];
  return text === undefined ? undefined : { start: { is: 'day', text }, end: { is: 'day', text } };
}
