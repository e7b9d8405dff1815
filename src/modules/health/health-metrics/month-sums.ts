import { batchesOf } from '../../../platform/database/batches.js';
import { placeholders } from '../../../platform/database/database.js';
import type { SqlValue } from '../../../platform/database/statements.js';
import { digest } from '../../../platform/random-token.js';
import { addDays } from '../../../kernel/quantities/local-time.js';
import type { DaySpan, OtherRecords, RecordMove } from '../../../records/define/define-record.js';
import type { HealthMetric } from './health-metric.entity.js';
import { metricKindOf } from './metric-kinds.js';
import { DAYS_AROUND } from './reading-rules.js';
import type { Part, RollUpRules } from './roll-up.js';

/** Increase it when the same readings get other sums, or a day another form: what is kept is then computed again. */
const REVISION = 2;

/** `YYYY-MM` of a day. */
export const monthOf = (day: string): string => day.slice(0, 7);

const indexOf = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
const monthAt = (index: number): string =>
  `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}`;

export const isNextMonth = (month: string, before: string): boolean => indexOf(month) === indexOf(before) + 1;

/** The months of a period of days, in their order. */
export function monthsOf({ from, to }: { readonly from: string; readonly to: string }): string[] {
  const first = indexOf(from.slice(0, 7));
  return Array.from({ length: indexOf(to.slice(0, 7)) - first + 1 }, (_, index) => monthAt(first + index));
}

export const firstDay = (month: string): string => `${month}-01`;
export function lastDay(month: string): string {
  const day = new Date(firstDay(month));
  day.setUTCMonth(day.getUTCMonth() + 1, 0);
  return day.toISOString().slice(0, 10);
}

/** What else than readings decides the sums of a kind. Sums on another basis are not used. */
export const basisOf = ({ rollUp, order = [], within }: RollUpRules, unit: string | undefined): string =>
  digest(JSON.stringify([REVISION, rollUp, unit ?? null, order, ...(within ? [within] : [])]));

type StoredDay = readonly [
  day: number,
  sum: number | string,
  count: number,
  minimum?: number,
  maximum?: number,
  value?: number,
  measuredAt?: number,
  id?: string,
  below?: number,
  above?: number,
];

/** The text of the days of a month. A sum of days needs no single readings, and few kinds have readings beside a target. */
export const writeDays = (parts: readonly Part[]): string =>
  JSON.stringify(
    parts.map(({ localDate, sum, count, minimum, maximum, last, below, above }) => {
      const exact = Number.isSafeInteger(Number(sum)) ? Number(sum) : String(sum);
      const day = [Number(localDate.slice(8)), exact, count];
      if (!last) return day;
      const whole = [...day, minimum, maximum, last.value, last.measuredAt, last.id];
      return below + above > 0 ? [...whole, below, above] : whole;
    }),
  );

/** Reads days back. By index: to take an array apart by a pattern takes V8 (of Node 20) five times as long. */
export function readDays(month: string, days: string): Part[] {
  const parts: Part[] = [];
  for (const stored of JSON.parse(days) as StoredDay[]) {
    const at = stored[0];
    const value = stored[5];
    parts.push({
      localDate: `${month}-${at < 10 ? '0' : ''}${at}`,
      hour: null,
      sum: BigInt(stored[1]),
      count: stored[2],
      minimum: stored[3] ?? 0,
      maximum: stored[4] ?? 0,
      last: value === undefined ? null : { value, measuredAt: stored[6] ?? 0, id: stored[7] ?? '' },
      below: stored[8] ?? 0,
      above: stored[9] ?? 0,
    });
  }
  return parts;
}

/** Removes the sums that depend on readings that are written: of where they were, and of where they are now. */
export const dropSums = (moves: readonly RecordMove<HealthMetric>[], all: OtherRecords): Promise<void> => {
  const months = new Map<string, Set<string>>();
  for (const { before, after } of moves)
    for (const reading of [before, after]) {
      if (!reading) continue;
      const own = months.get(reading.metric) ?? new Set();
      months.set(reading.metric, own);
      for (const day of daysBeside(reading)) own.add(monthOf(day));
    }
  return drop(months, all);
};

/**
 * The first and the last day that a reading may change. An additive one decides what others count that share time with it. Each
 * month in between has one of them: they are a week at most.
 */
export const daysBeside = ({ localDate: day, metric }: HealthMetric): DaySpan =>
  (metricKindOf(metric)?.rollUp ?? 'sum') !== 'sum'
    ? [day, day]
    : [addDays(day, -DAYS_AROUND), addDays(day, DAYS_AROUND)];

/** One statement. It names at most four months for each reading that is written. */
async function drop(
  months: ReadonlyMap<string, ReadonlySet<string>>,
  { database, ownerId }: OtherRecords,
): Promise<void> {
  const batches = [...months].flatMap(([metric, own]) =>
    batchesOf([...own]).map((some) => ({ metric, some })),
  );
  if (batches.length === 0) return;
  const values: SqlValue[] = batches.flatMap(({ metric, some }) => [metric, ...some]);
  const each = batches.map(({ some }) => `metric = ? AND month IN (${placeholders(some.length)})`);
  await database.execute(`DELETE FROM metric_month_sums WHERE user_id = ? AND (${each.join(' OR ')})`, [
    ownerId,
    ...values,
  ]);
}
