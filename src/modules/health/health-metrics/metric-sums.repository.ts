import { slicesOf } from '../../../platform/database/batches.js';
import { instantText, placeholders, readInstant } from '../../../platform/database/database.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import type { Owner } from '../../../records/define/owner.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { HealthMetric } from './health-metric.entity.js';
import { healthMetricRecord } from './health-metrics.record.js';
import { addDays, DAY_MS } from '../../../kernel/quantities/local-time.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { weightRecord } from './weight.record.js';
import { DAYS_AROUND, MAX_INTERVAL_MS } from './reading-rules.js';
import { type Explained, Explanations } from './explanation.js';
import { Merge, type MergeListener, type RolledReading } from './reading-merge.js';
import { type Bucket, type Part, Parts, type RollUpRules } from './roll-up.js';

/** The column with the value that is summed. */
export type SummedColumn =
  'canonical_value' | 'systolic_mmhg' | 'diastolic_mmhg' | 'pulse_per_min' | 'weight_kg';

/** Which readings are summed: of one kind, and of these local days, both included. */
export interface Summed {
  /** Undefined for weights: their table has no other kind. */
  readonly metric: string | undefined;
  /** Only readings in this unit; undefined for all. */
  readonly unit: string | undefined;
  readonly from: string;
  readonly to: string;
}

/** Readings that are merged at once, so that other requests are served between. */
const MOST_AT_ONCE = 1_000;
/** Readings that one statement reads for a merge; takes about 2 ms. */
const PAGE = 500;

/** Sums over the readings of one person. */
export class MetricSumsRepository extends RecordRepository<HealthMetric | WeightEntry> {
  /** The column of the instant at which a reading was measured. */
  private readonly measured: string;

  constructor(
    records: Records,
    override readonly owner: Owner,
    isOfWeights: boolean,
  ) {
    super(records, isOfWeights ? weightRecord : healthMetricRecord, owner);
    this.measured = isOfWeights ? '`timestamp`' : 'measured_at';
  }

  /** The parts of a period, one for each local day or hour with a reading. */
  async parts(summed: Summed, column: SummedColumn, rules: RollUpRules): Promise<Part[]> {
    if (rules.rollUp === 'sum') return this.merged(summed, column, rules);
    const rows = await this.sums(summed, column, rules);
    const last = await this.lastOf(summed, column, rules.bucket);
    return rows.map((row) => ({ ...partOf(row), last: last.get(keyOf(row)) ?? null }));
  }

  /**
   * Merges the readings of some days with those that share time with them, some at a time: a day may have more readings than
   * one request may take at once.
   */
  private async merge(
    summed: Summed,
    order: readonly string[] | undefined,
    slice: TimeSlice,
    listener: MergeListener,
  ): Promise<void> {
    const [extent] = await this.compute(
      'MIN(measured_at) AS began, MAX(COALESCE(ended_at, measured_at)) AS ended',
      conditionOf(summed, 'canonical_value'),
    );
    if (!extent?.['began']) return;
    const [began, ended] = [readInstant(extent['began']), readInstant(extent['ended'])];
    const start = { measuredAt: began.getTime() - MAX_INTERVAL_MS, id: '' };
    const merge = new Merge(order, listener);
    for (let page = await this.pageAfter(start, ended, summed); page.length > 0;) {
      for (const reading of page) {
        while (!merge.reach(reading.measuredAt, MOST_AT_ONCE)) await slice.next();
        merge.add(reading);
      }
      if (slice.isOver) await slice.next();
      const last = page.at(-1);
      page = last && page.length === PAGE ? await this.pageAfter(last, ended, summed) : [];
    }
    while (!merge.reach(Infinity, MOST_AT_ONCE)) await slice.next();
  }

  /** Readings of a kind in the order of their begin, up to an instant. */
  private async pageAfter(
    { measuredAt, id }: Pick<RolledReading, 'measuredAt' | 'id'>,
    until: Date,
    { metric, unit }: Summed,
  ): Promise<RolledReading[]> {
    const after = instantText(new Date(measuredAt));
    const condition = conditions(
      ['metric = ?', metric],
      ['unit = ?', unit],
      ['measured_at >= ?', after],
      ['measured_at <= ?', instantText(until)],
    );
    const rows = await this.compute(
      'id, local_date, local_hour, measured_at, ended_at, source, canonical_value',
      [
        `${condition[0]} AND (measured_at > ? OR id > ?) AND canonical_value IS NOT NULL`,
        [...condition[1], after, id],
      ],
      `ORDER BY measured_at, id LIMIT ${PAGE}`,
    );
    return rows.map(readingOf);
  }

  /** How many readings of a kind these days have. */
  async count(summed: Summed): Promise<number> {
    const [row] = await this.compute('COUNT(*) AS counted', conditionOf(summed, 'canonical_value'));
    return Number(row?.['counted']);
  }

  /** Says which source counts for each piece of time, by bucket. The days are read a few at once. */
  async explain(summed: Summed, { bucket, order = [] }: RollUpRules): Promise<Map<string, Explained>> {
    const rows = await this.compute(
      'local_date, COUNT(*) AS counted',
      conditionOf(summed, 'canonical_value'),
      'GROUP BY local_date',
    );
    const counts = new Map(rows.map((row) => [String(row['local_date']), Number(row['counted'])]));
    const [explanations, slice] = [new Explanations(bucket), new TimeSlice()];
    for (const [first, last] of runsOf([...counts.keys()].toSorted(), counts)) {
      const isOwn = ({ localDate }: RolledReading): boolean => localDate >= first && localDate <= last;
      await this.merge({ ...summed, from: first, to: last }, order, slice, {
        counts: (segment) => isOwn(segment.reading) && explanations.count(segment),
        ended: (reading) => isOwn(reading) && explanations.send(reading),
      });
    }
    return explanations.all(order);
  }

  private sums(
    summed: Summed,
    column: SummedColumn,
    { bucket, rollUp, within }: RollUpRules,
  ): Promise<SqlRow[]> {
    // A sum has no extremes of single readings, and each of the two takes an eighth of the time.
    const extremes =
      rollUp === 'sum' ? 'SUM(overlaps) AS overlapping' : `MIN(${column}) AS least, MAX(${column}) AS most`;
    const more = within
      ? `${extremes}, SUM(${column} < ${within[0]}) AS below, SUM(${column} >= ${within[1]}) AS above`
      : extremes;
    const by = columnsOf(bucket);
    // Only values of own kinds, which have a unit here, may be negative: for others SQLite rounds in a third less time.
    const millionths = summed.unit === undefined ? `${column} * 1000000 + 0.5` : `ROUND(${column} * 1000000)`;
    const exact =
      this.database.dialect === 'sqlite'
        ? `CAST(SUM(CAST(${millionths} AS INTEGER)) AS TEXT)`
        : `CAST(CAST(SUM(${column}) * 1000000 AS SIGNED) AS CHAR)`;
    return this.compute(
      `${by}, COUNT(*) AS counted, ${exact} AS millionths, ${more}`,
      conditionOf(summed, column),
      `GROUP BY ${by}`,
    );
  }

  /** The reading that was measured last in each part. */
  private async lastOf(
    summed: Summed,
    column: SummedColumn,
    bucket: Bucket,
  ): Promise<ReadonlyMap<string, NonNullable<Part['last']>>> {
    const by = columnsOf(bucket);
    const [where, values] = conditionOf(summed, column);
    const newest = await this.compute(
      `${by}, MAX(${this.measured}) AS newest`,
      [where, values],
      `GROUP BY ${by}`,
    );
    const found = new Map<string, NonNullable<Part['last']>>();
    for (const some of slicesOf(newest, 500)) {
      const instants = some.map((row) => instantText(readInstant(row['newest'])));
      const rows = await this.compute(`id, ${this.measured} AS measured, ${by}, ${column} AS last_value`, [
        `${where} AND ${this.measured} IN (${placeholders(instants.length)})`,
        [...values, ...instants],
      ]);
      for (const row of rows) {
        const last = {
          id: String(row['id']),
          measuredAt: readInstant(row['measured']).getTime(),
          value: Number(row['last_value']),
        };
        const known = found.get(keyOf(row));
        if (
          !known ||
          last.measuredAt > known.measuredAt ||
          (last.measuredAt === known.measuredAt && last.id > known.id)
        )
          found.set(keyOf(row), last);
      }
    }
    return found;
  }

  /**
   * The sums by SQL, except those of days on which intervals overlap, and of the days around them: there the merge counts. Only
   * the later written of two readings is marked, so a day of the period may need the merge because of a mark outside the period.
   */
  private async merged(summed: Summed, column: SummedColumn, rules: RollUpRules): Promise<Part[]> {
    const isAsked = (day: string): boolean => day >= summed.from && day <= summed.to;
    const rows = await this.sums(around(summed), column, rules);
    const overlapping = new Set(
      rows.flatMap((row) => (Number(row['overlapping']) > 0 ? daysAround(String(row['local_date'])) : [])),
    );
    const parts = rows
      .filter(({ local_date: day }) => isAsked(String(day)) && !overlapping.has(String(day)))
      .map(partOf);
    const days = [...overlapping].filter(isAsked).toSorted();
    const counts = new Map<string, number>();
    for (const { local_date: day, counted } of rows)
      counts.set(String(day), (counts.get(String(day)) ?? 0) + Number(counted));
    const slice = new TimeSlice();
    for (const [first, last] of runsOf(days, counts)) {
      const own = new Parts(rules.bucket);
      const isOwn = ({ localDate }: RolledReading): boolean => localDate >= first && localDate <= last;
      await this.merge({ ...summed, from: first, to: last }, rules.order, slice, {
        ended: (reading, millionths) => isOwn(reading) && own.add(reading, millionths),
      });
      parts.push(...own.all());
    }
    return parts;
  }
}

const columnsOf = (bucket: Bucket): string => (bucket === 'hour' ? 'local_date, local_hour' : 'local_date');

const keyOf = (row: SqlRow): string => `${String(row['local_date'])} ${String(row['local_hour'] ?? '')}`;

const partOf = (row: SqlRow): Part => ({
  localDate: String(row['local_date']),
  hour: row['local_hour'] === undefined ? null : Number(row['local_hour']),
  sum: BigInt(row['millionths'] as string),
  count: Number(row['counted']),
  minimum: Number(row['least'] ?? 0),
  maximum: Number(row['most'] ?? 0),
  last: null,
  below: Number(row['below'] ?? 0),
  above: Number(row['above'] ?? 0),
});

const conditionOf = ({ metric, unit, from, to }: Summed, column: SummedColumn): Condition => {
  const [sql, values] = conditions(
    ['metric = ?', metric],
    ['local_date >= ?', from],
    ['local_date <= ?', to],
    ['unit = ?', unit],
  );
  return [`${sql} AND ${column} IS NOT NULL`, values];
};

const around = (summed: Summed): Summed => ({
  ...summed,
  from: addDays(summed.from, -DAYS_AROUND),
  to: addDays(summed.to, DAYS_AROUND),
});

const readingOf = (row: SqlRow): RolledReading => ({
  id: String(row['id']),
  localDate: String(row['local_date']),
  localHour: Number(row['local_hour']),
  measuredAt: readInstant(row['measured_at']).getTime(),
  endedAt: row['ended_at'] === null ? null : readInstant(row['ended_at']).getTime(),
  source: String(row['source']),
  value: Number(row['canonical_value']),
});

const daysAround = (day: string): string[] =>
  Array.from({ length: 2 * DAYS_AROUND + 1 }, (_, index) => addDays(day, index - DAYS_AROUND));

/** Runs of consecutive days, each with so few readings that it is merged at once; a day is not divided. */
function runsOf(
  days: readonly string[],
  counts: ReadonlyMap<string, number>,
): [first: string, last: string][] {
  const runs: [string, string][] = [];
  let readings = 0;
  for (const day of days) {
    const run = runs.at(-1);
    const isNext = run && Date.parse(day) - Date.parse(run[1]) === DAY_MS;
    const count = counts.get(day) ?? 0;
    if (isNext && readings + count <= MOST_AT_ONCE) {
      run[1] = day;
      readings += count;
    } else {
      runs.push([day, day]);
      readings = count;
    }
  }
  return runs;
}
