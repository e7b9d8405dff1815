import { slicesOf } from '../../../platform/database/batches.js';
import { instantText, placeholders, readInstant } from '../../../platform/database/database.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import { TimeSlice } from '../../../platform/time-slice.js';
import { invalidField } from '../../../kernel/http/problem.js';
import type { Owner } from '../../../records/define/owner.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { HealthMetric } from './health-metric.entity.js';
import { healthMetricRecord } from './health-metrics.record.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import type { WeightEntry } from './weight-entry.entity.js';
import { weightRecord } from './weight.record.js';
import { DAYS_AROUND, MAX_INTERVAL_MS } from './reading-rules.js';
import { type Explained, Explanations } from './explanation.js';
import { Merge, type MergeListener, type RolledReading } from './reading-merge.js';
import { daysAround, daysOfSeveral, sharedBy, stretchesOf } from './shared-days.js';
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

/** Readings that one statement reads for a merge; takes about 2 ms. */
const PAGE = 500;
/** Readings that may end before others are served. */
const ENDED_AT_ONCE = 1_000;
/** They take some 10 MB. At one time, a person has a few. */
const MOST_OVERLAPPING = 25_000;
const TOO_MANY = `more than ${MOST_OVERLAPPING} readings of these days overlap: delete the source that sent them`;

/** Where a page begins: after this reading. */
type Begin = Pick<RolledReading, 'measuredAt' | 'id'>;

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
   * Merges the readings of consecutive days with those that share time with them, a page at a time: a day may have more readings
   * than one request may take at once. An edit between two pages may be in the answer in part, but is in no sum that is kept.
   * @throws Problem `validation` if too many readings overlap
   */
  private async merge(
    summed: Summed,
    order: readonly string[] | undefined,
    slice: TimeSlice,
    listener: MergeListener,
  ): Promise<void> {
    const [extent] = await this.compute(
      'MIN(measured_at) AS earliest, MAX(measured_at) AS latest',
      conditionOf(summed, 'canonical_value'),
    );
    if (!extent?.['earliest']) return;
    const [earliest, latest] = [readInstant(extent['earliest']), readInstant(extent['latest'])];
    let place: Begin = { measuredAt: earliest.getTime() - MAX_INTERVAL_MS, id: '' };
    const until = new Date(latest.getTime() + MAX_INTERVAL_MS);
    const merge = new Merge(order, listener);
    for (let isLast = false; !isLast;) {
      const page = await this.pageAfter(place, until, summed);
      for (const reading of page) {
        while (!merge.reach(reading.measuredAt, ENDED_AT_ONCE)) await slice.next();
        merge.add(reading);
      }
      if (merge.size > MOST_OVERLAPPING) throw invalidField('from', 'out-of-range', TOO_MANY);
      if (slice.isOver) await slice.next();
      place = page.at(-1) ?? place;
      isLast = page.length < PAGE;
    }
    while (!merge.reach(Infinity, ENDED_AT_ONCE)) await slice.next();
  }

  /**
   * Readings of a kind in the order of their begin. Those that begin together are read by a statement of their own: with one
   * condition for both, each page would look at all of them again.
   */
  private async pageAfter({ measuredAt, id }: Begin, until: Date, summed: Summed): Promise<RolledReading[]> {
    const at = instantText(new Date(measuredAt));
    const together = await this.inOrder(summed, [' AND measured_at = ? AND id > ?', [at, id]], PAGE);
    if (together.length === PAGE) return together;
    const later: Condition = [' AND measured_at > ? AND measured_at <= ?', [at, instantText(until)]];
    return [...together, ...(await this.inOrder(summed, later, PAGE - together.length))];
  }

  private async inOrder(
    { metric, unit }: Summed,
    [more, values]: Condition,
    count: number,
  ): Promise<RolledReading[]> {
    const [where, own] = conditions(['metric = ?', metric], ['unit = ?', unit]);
    const rows = await this.compute(
      'id, local_date, local_hour, measured_at, ended_at, source, canonical_value',
      [`${where}${more} AND canonical_value IS NOT NULL`, [...own, ...values]],
      `ORDER BY measured_at, id LIMIT ${count}`,
    );
    return rows.map(readingOf);
  }

  /** How many readings of a kind these days have. */
  async count(summed: Summed): Promise<number> {
    const [row] = await this.compute('COUNT(*) AS counted', conditionOf(summed, 'canonical_value'));
    return Number(row?.['counted']);
  }

  /** Says which source counts for each piece of time, by bucket. @throws Problem `validation` if too many readings overlap */
  async explain(summed: Summed, { bucket, order = [] }: RollUpRules): Promise<Map<string, Explained>> {
    const rows = await this.compute(
      'DISTINCT local_date',
      conditionOf(summed, 'canonical_value'),
      'ORDER BY local_date',
    );
    const days = rows.map((row) => String(row['local_date']));
    const [explanations, slice] = [new Explanations(bucket), new TimeSlice()];
    for (const [first, last] of stretchesOf(days)) {
      const isOwn = ({ localDate }: RolledReading): boolean => localDate >= first && localDate <= last;
      await this.merge({ ...summed, from: first, to: last }, order, slice, {
        counts: (segment) => isOwn(segment.reading) && explanations.addCounted(segment),
        ended: (reading) => isOwn(reading) && explanations.addSent(reading),
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
      rollUp === 'sum' ? sharedBy(summed.metric) : `MIN(${column}) AS least, MAX(${column}) AS most`;
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
    const overlapping = new Set([
      ...rows.flatMap((row) => (Number(row['overlapping']) > 0 ? daysAround(String(row['local_date'])) : [])),
      ...daysOfSeveral(rows),
    ]);
    const parts = rows
      .filter(({ local_date: day }) => isAsked(String(day)) && !overlapping.has(String(day)))
      .map(partOf);
    const days = [...overlapping].filter(isAsked).toSorted();
    const slice = new TimeSlice();
    for (const [first, last] of stretchesOf(days)) {
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
