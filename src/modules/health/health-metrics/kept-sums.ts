import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { isGone } from '../../../kernel/person-lock.js';
import { grouped } from '../../../platform/grouped.js';
import { describeError, Logger } from '../../../platform/logger.js';
import type { Owner } from '../../../records/define/owner.js';
import { RecordTable } from '../../../records/define/record-table.js';
import { ChangeSequence, type Head } from '../../../records/write/change-sequence.js';
import { Records } from '../../../records/write/records.js';
import { MetricSumsRepository, type Summed, type SummedColumn } from './metric-sums.repository.js';
import { MonthSums } from './month-sums.entity.js';
import {
  basisOf,
  firstDay,
  isNextMonth,
  lastDay,
  monthOf,
  monthsOf,
  readDays,
  writeDays,
} from './month-sums.js';
import type { Part, RollUpRules } from './roll-up.js';

/** When sums are kept. Tests keep more. */
@Injectable()
export class KeptSumsPolicy {
  /** Sums are kept when at least so many readings were summed for them: fewer are summed faster than a row is written. */
  readonly leastReadings: number = 2_000;
  /** Answers whose sums are being kept at the same time, of all people. The sums of others are computed again. */
  readonly mostAtOnce: number = 20;
}

/** SQLite sums in this process, so it is asked for some months at a time: no more than this when they have many readings. */
const MANY_READINGS = 20_000;
const MOST_MONTHS = 12;

/** Which sums, and on which basis. */
interface Series {
  readonly owner: Owner;
  readonly metric: string;
  readonly component: string;
  readonly basis: string;
}

/**
 * Sums of days, which are kept by month: ten years of one kind may be 100 000 readings. Only what is not kept is computed from
 * readings. Without any kept sum, every answer is the same.
 */
@Injectable()
export class KeptSums implements OnModuleDestroy {
  private readonly table: RecordTable<MonthSums>;
  private readonly keeping = new Set<Promise<void>>();

  constructor(
    private readonly records: Records,
    private readonly sequence: ChangeSequence,
    private readonly policy: KeptSumsPolicy,
    private readonly logger: Logger,
  ) {
    this.table = new RecordTable(records.database.writer, MonthSums);
  }

  /** Before the database closes. */
  onModuleDestroy(): Promise<void> {
    return this.settled();
  }

  /** Resolves when all that is being kept is stored, or was given up. */
  async settled(): Promise<void> {
    await Promise.all(this.keeping);
  }

  /**
   * The parts of a period, as {@link MetricSumsRepository.parts}. Nobody has so many weights that theirs are worth keeping, and
   * each write of a weight would have to remove them.
   */
  async parts(
    sums: MetricSumsRepository,
    summed: Summed,
    column: SummedColumn,
    rules: RollUpRules,
  ): Promise<Part[]> {
    const { metric } = summed;
    if (rules.bucket === 'hour' || metric === undefined) return sums.parts(summed, column, rules);
    const series: Series = {
      owner: sums.owner,
      metric,
      component: COMPONENTS[column] ?? '',
      basis: basisOf(rules, summed.unit),
    };
    const kept = await this.read(series, summed);
    const missing = monthsOf(summed).filter((month) => !kept.has(month));
    // Before the readings, so that a change among them is noticed.
    const head = missing.some((month) => isWhole(month, summed)) && (await this.sequence.head(sums.owner));
    const computed = await this.compute(missing, sums, summed, column, rules);
    if (head) this.keep(series, head, summed, computed);
    const isAsked = ({ localDate: day }: Part): boolean => day >= summed.from && day <= summed.to;
    return [...computed, ...[...kept].flatMap(([month, days]) => readDays(month, days)).filter(isAsked)];
  }

  /** The days of the months that are kept, by month. */
  private async read({ owner, metric, component, basis }: Series, { from, to }: Summed) {
    const rows = await this.records.database.rows<{ month: string; days: string }>(
      `SELECT month, days FROM metric_month_sums
       WHERE user_id = ? AND metric = ? AND month >= ? AND month <= ? AND component = ? AND basis = ?`,
      [owner.id, metric, monthOf(from), monthOf(to), component, basis],
      false,
    );
    return new Map(rows.map(({ month, days }) => [month, days]));
  }

  /** The parts of some months, as far as they are asked for, from the readings. */
  private async compute(
    months: readonly string[],
    sums: MetricSumsRepository,
    summed: Summed,
    column: SummedColumn,
    rules: RollUpRules,
  ): Promise<Part[]> {
    const parts: Part[] = [];
    const isHere = this.records.database.dialect === 'sqlite';
    let most = isHere ? 1 : Infinity;
    for (let at = 0; at < months.length;) {
      if (at > 0) await nextTurn();
      const run = runAt(months, at, most);
      const [first = '', last = ''] = [run[0], run.at(-1)];
      const days = { from: later(firstDay(first), summed.from), to: earlier(lastDay(last), summed.to) };
      const some = await sums.parts({ ...summed, ...days }, column, rules);
      parts.push(...some);
      at += run.length;
      if (isHere) most = readingsOf(some) > MANY_READINGS ? 1 : Math.min(most * 4, MOST_MONTHS);
    }
    return parts;
  }

  /**
   * Stores sums after the answer, which does not wait for it. They are of the state that the readings had at `head`: after any
   * change since they are given up, because its writer has removed sums that were not stored yet.
   */
  private keep(series: Series, head: Head, summed: Summed, computed: readonly Part[]): void {
    const whole = computed.filter(({ localDate }) => isWhole(monthOf(localDate), summed));
    if (readingsOf(whole) < this.policy.leastReadings || this.keeping.size >= this.policy.mostAtOnce) return;
    const work = this.store(series, head, whole)
      .catch((error: unknown) => {
        if (!isGone(error))
          this.logger.warn({ component: 'metrics', ...describeError(error) }, 'sums were not kept');
      })
      .finally(() => this.keeping.delete(work));
    this.keeping.add(work);
  }

  private store(series: Series, head: Head, parts: readonly Part[]): Promise<void> {
    const { owner, metric, component, basis } = series;
    const rows = [...grouped(parts, ({ localDate }) => monthOf(localDate))].map(([month, own]) => ({
      userId: owner.id,
      metric,
      month,
      component,
      basis,
      days: writeDays(own),
    }));
    return this.sequence.change(owner, async (order) => {
      if (order.last !== head.seq || order.epoch !== head.epoch) return;
      // On a cluster, two nodes notice that they write at the same time only when they write one row.
      order.boundary();
      await this.table.put(this.records.database, rows);
    });
  }
}

const COMPONENTS: Readonly<Partial<Record<SummedColumn, string>>> = {
  systolic_mmhg: 'systolic',
  diastolic_mmhg: 'diastolic',
  pulse_per_min: 'pulse',
};

/** Whether a period has all days of a month. */
const isWhole = (month: string, { from, to }: Summed): boolean =>
  from <= firstDay(month) && lastDay(month) <= to;

/** The months from a place on that follow each other. */
function runAt(months: readonly string[], at: number, most: number): string[] {
  let end = at + 1;
  while (end < months.length && end - at < most && isNextMonth(months[end] ?? '', months[end - 1] ?? ''))
    end += 1;
  return months.slice(at, end);
}

const readingsOf = (parts: readonly Part[]): number => parts.reduce((sum, { count }) => sum + count, 0);
const later = (a: string, b: string): string => (a > b ? a : b);
const earlier = (a: string, b: string): string => (a < b ? a : b);
