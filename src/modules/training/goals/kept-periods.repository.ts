import { Injectable } from '@nestjs/common';
import { batchesOf, slicesOf } from '../../../platform/database/batches.js';
import { Database, placeholders } from '../../../platform/database/database.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import { RecordTable } from '../../../records/define/record-table.js';
import { GoalMark } from './goal-mark.entity.js';
import { GoalPeriod } from './goal-period.entity.js';
import type { PeriodValue } from './goal-values.js';

/** Goals whose periods are read by one statement: a year of each has 366 rows. */
const GOALS_AT_ONCE = 4;
/** Rows of one INSERT. */
const ROWS_AT_ONCE = 200;

/** A period as it is kept, with the mark of its goal at that moment. */
export interface KeptPeriod extends PeriodValue {
  readonly countedTo: string;
  readonly basis: string;
  readonly staleFrom: string | null;
  readonly staleTo: string | null;
}

/** The kept periods of goals, and their marks. */
@Injectable()
export class KeptPeriodsRepository {
  private readonly periods: RecordTable<GoalPeriod>;
  private readonly marks: RecordTable<GoalMark>;

  constructor(private readonly database: Database) {
    this.periods = new RecordTable(database.writer, GoalPeriod);
    this.marks = new RecordTable(database.writer, GoalMark);
  }

  /** The periods of some goals that begin on some days, by goal and first day. */
  async find(
    userId: string,
    goalIds: readonly string[],
    [from, to]: readonly [string, string],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, KeptPeriod>>> {
    const all = new Map<string, Map<string, KeptPeriod>>();
    for (const some of slicesOf(goalIds, GOALS_AT_ONCE))
      for (const ids of batchesOf(some)) {
        // One statement, so that a period and the mark of its goal are of one moment.
        const rows = await this.database.rows(
          `SELECT ${COLUMNS} FROM goal_marks m JOIN goal_periods p ON p.user_id = m.user_id AND p.goal_id = m.goal_id
           WHERE m.user_id = ? AND m.goal_id IN (${placeholders(ids.length)}) AND p.start_on >= ? AND p.start_on <= ?`,
          [userId, ...ids, from, to],
        );
        for (const row of rows) {
          const own = all.get(String(row['goal_id'])) ?? new Map<string, KeptPeriod>();
          all.set(String(row['goal_id']), own.set(String(row['start_on']), keptOf(row)));
        }
      }
    return all;
  }

  /** The marks of all goals of a person. */
  marksOf(userId: string): Promise<GoalMark[]> {
    return this.marks.select(this.database, 'user_id = ?', [userId]);
  }

  /** The periods of a goal that were met once. */
  metOf(userId: string, goalId: string, [from, to]: readonly [string, string]): Promise<GoalPeriod[]> {
    return this.periods.select(
      this.database,
      'user_id = ? AND goal_id = ? AND start_on >= ? AND start_on <= ? AND met_at IS NOT NULL',
      [userId, goalId, from, to],
    );
  }

  /**
   * Removes the periods of a goal that begin on some days. One that was met and begins after `today` stays: the person has moved to a
   * zone where it is still the day before, and it must not be told again.
   */
  async remove(
    userId: string,
    goalId: string,
    [from, to]: readonly [string, string],
    today: string,
  ): Promise<void> {
    await this.database.execute(
      `DELETE FROM goal_periods WHERE user_id = ? AND goal_id = ? AND start_on >= ? AND start_on <= ?
         AND (met_at IS NULL OR start_on <= ?)`,
      [userId, goalId, from, to, today],
    );
  }

  async put(periods: readonly GoalPeriod[], marks: readonly GoalMark[]): Promise<void> {
    for (const rows of slicesOf(periods, ROWS_AT_ONCE)) await this.periods.put(this.database, rows);
    await this.marks.put(this.database, marks);
  }
}

const COLUMNS = [
  'm.goal_id, m.basis, m.stale_from, m.stale_to',
  'p.start_on, p.end_on, p.counted_to, p.value, p.is_partial, p.known, p.total',
].join(', ');

function keptOf(row: SqlRow): KeptPeriod {
  const { value, known, total } = row;
  return {
    start: String(row['start_on']),
    end: String(row['end_on']),
    countedTo: String(row['counted_to']),
    value: value === null ? null : Number(value),
    isPartial: Number(row['is_partial']) === 1,
    coverage: known === null ? null : { known: Number(known), total: Number(total) },
    isOpen: false,
    basis: String(row['basis']),
    staleFrom: row['stale_from'] === null ? null : String(row['stale_from']),
    staleTo: row['stale_to'] === null ? null : String(row['stale_to']),
  };
}
