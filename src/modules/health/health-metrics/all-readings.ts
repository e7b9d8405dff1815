import { Keyset, type Position } from '../../../kernel/http/keyset.js';
import { readPage, type Start } from '../../../kernel/http/page-reader.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import { instantText } from '../../../platform/database/database.js';
import type { SqlValue } from '../../../platform/database/statements.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Condition } from '../../../records/read/conditions.js';
import type { Records } from '../../../records/write/records.js';
import type { HealthMetricDto } from './health-metrics.dto.js';
import { HealthMetricsRepository } from './health-metrics.repository.js';
import type { ReadingFilter } from './readings.repository.js';
import { BODY_WEIGHT } from './metric-kinds.js';
import { readShown, type ShownRules } from './shown.js';
import { shownKeyOf } from './shown-rules.js';
import { weightReading } from './weight-readings.js';
import { WeightRepository } from './weight.repository.js';

/** The names by which readings of one instant and one id are sorted: an id of a weight may be that of a reading, too. */
const READINGS = 'health_metric';
const WEIGHTS = 'weight';

interface Row {
  readonly table: string;
  readonly reading: HealthMetricDto;
}

/** Where a page goes on: after these sort values. */
export type After = readonly [measuredAt: string, id: string, table: string];

/**
 * The readings of one person in one list, although weights have a table of their own. A page reads from each table no more rows
 * than the page has, in the order of an index, and merges them.
 */
export class AllReadings {
  private readonly readings: HealthMetricsRepository;
  private readonly weights: WeightRepository;

  constructor(
    private readonly records: Records,
    private readonly owner: Owner,
  ) {
    this.readings = new HealthMetricsRepository(records, owner);
    this.weights = new WeightRepository(records, owner);
  }

  /** One page, the most recently measured first. @throws Problem `validation` for a cursor of another list */
  async list(filter: Omit<ReadingFilter, 'metric'>, place: Place): Promise<Listing<HealthMetricDto>> {
    const { from, to, source, shown } = filter;
    const keyset = new Keyset(
      ['readings', this.owner.id, from, to, source, shown !== undefined],
      COLUMNS,
      'DESC',
    );
    const [{ rows, next }, ofReadings, ofWeights] = await Promise.all([
      readPage(keyset, place, {
        bytesOf: ({ reading: { note, tags } }) =>
          ROW_BYTES + ESCAPED * ((note?.length ?? 0) + (tags?.join().length ?? 0)),
        positionOf: placeOf,
        read: (start, count) =>
          shown ? this.shownRows(filter, shown, start, count) : this.read(filter, start, count),
      }),
      this.readings.countOf(filter),
      this.weights.countOf(filter),
    ]);
    return { data: rows.map(({ reading }) => reading), total: ofReadings + ofWeights, next };
  }

  private async read(filter: ReadingFilter, { after, offset }: Start, count: number): Promise<Row[]> {
    const start = offset > 0 ? await this.skip(filter, offset) : (after as After | undefined);
    return start === null ? [] : this.rows(filter, start, count);
  }

  /** Chooses what is shown of readings and weights. It keeps what it knows of a minute for the next rows of a list. */
  choice(rules: ShownRules): (readings: readonly HealthMetricDto[]) => Promise<ReadonlySet<HealthMetricDto>> {
    const [readings, weights] = [this.readings.choice(rules), this.weights.choice(rules)];
    return async (all) => {
      const isWeight = ({ metric }: HealthMetricDto): boolean => metric === BODY_WEIGHT;
      const shown = await Promise.all([
        weights.shownOf(all.filter(isWeight), shownKeyOf),
        readings.shownOf(
          all.filter((one) => !isWeight(one)),
          shownKeyOf,
        ),
      ]);
      return new Set(shown.flat());
    };
  }

  private shownRows(filter: ReadingFilter, rules: ShownRules, start: Start, count: number): Promise<Row[]> {
    const choose = this.choice(rules);
    return readShown(start, count, {
      read: (from, some) => this.read(filter, from, some),
      positionOf: placeOf,
      shownOf: async (rows) => {
        const shown = await choose(rows.map(({ reading }) => reading));
        return rows.filter(({ reading }) => shown.has(reading));
      },
    });
  }

  private async rows(filter: ReadingFilter, after: After | undefined, count: number): Promise<Row[]> {
    const [readings, weights] = await Promise.all([
      this.readings.newestOf(filter, afterIn('measured_at', READINGS, after), count),
      this.weights.newestOf(filter, afterIn('`timestamp`', WEIGHTS, after), count),
    ]);
    const rows = [
      ...readings.map((reading) => ({ table: READINGS, reading })),
      ...weights.map((weight) => ({ table: WEIGHTS, reading: weightReading(weight) })),
    ];
    return rows.toSorted((a, b) => compare(placeOf(b), placeOf(a))).slice(0, count);
  }

  /** The place of the last row that an offset leaves out; null when there are fewer rows. Only keys are read for it. */
  private async skip(filter: ReadingFilter, offset: number): Promise<After | null> {
    const parts = [
      this.readings.keysOf(READINGS, filter, offset),
      this.weights.keysOf(WEIGHTS, filter, offset),
    ];
    const [last] = await this.records.database.rows<{ at: unknown; id: string; origin: string }>(
      `SELECT at, id, origin FROM (${parts.map(([sql], index) => `SELECT * FROM (${sql}) AS part${index}`).join(' UNION ALL ')}) AS parts
       ORDER BY at DESC, id DESC, origin DESC LIMIT 1 OFFSET ?`,
      [...parts.flatMap(([, values]) => values), offset - 1],
    );
    return last ? [String(last.at), last.id, last.origin] : null;
  }
}

const COLUMNS = [
  { sql: 'measured_at', holds: 'instant' },
  { sql: 'id', holds: 'text' },
  { sql: 'origin', holds: 'text' },
] as const;
/** What a reading without a note and tags does not exceed, and the most bytes that JSON needs for a character. */
const ROW_BYTES = 2_000;
const ESCAPED = 6;

const placeOf = ({ table, reading }: Row): After => [instantText(reading.measuredAt), reading.id, table];

const compare = (a: Position, b: Position): number => {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? '') < (b[at] ?? '') ? -1 : 1;
};

/** The rows of one table after a place. The first comparison lets an index find them. */
function afterIn(column: string, table: string, after: After | undefined): Condition {
  if (!after) return ['', []];
  const [at, id, last] = after;
  const values: SqlValue[] = [at, at, id];
  return [` AND ${column} <= ? AND (${column} < ? OR id ${table < last ? '<=' : '<'} ?)`, values];
}
