import { setImmediate as nextTurn } from 'node:timers/promises';
import { Keyset, type Position } from '../../../kernel/http/keyset.js';
import { batchesOf, slicesOf } from '../../../platform/database/batches.js';
import { instantText, placeholders } from '../../../platform/database/database.js';
import { snakeCase } from '../../../platform/database/naming.js';
import { instantOfColumn } from '../../../platform/instant-text.js';
import type { SqlRow } from '../../../platform/database/statements.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { RecordDefinition } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed, SyncedRecord } from '../../../records/define/synced-record.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { type Choice, RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { type LocalDays, onDays } from './local-days.js';
import { type Minutes, minuteOf, readShown, ShownChoice, type ShownKey, type ShownRules } from './shown.js';

/** The name of the column of instants in a statement that counts. */
const INSTANT = 'at';
const ID = { sql: 'id', holds: 'text' } as const;
/** Takes some 10 ms. */
const COUNTED_AT_ONCE = 1_000;
/** Kinds of one statement: SQLite joins at most 500 parts. */
export const KINDS_AT_ONCE = 100;

/** Which readings a list has. */
export interface ReadingFilter extends LocalDays {
  /** Not for weights: their table has no other kind. */
  readonly metric?: string | undefined;
  readonly source?: string | undefined;
  /** Only readings that these rules show; undefined for all. */
  readonly shown?: ShownRules | undefined;
}

/** A table of readings, and where it has their instants. */
export interface MeasuredIn<Entity> {
  readonly table: string;
  /** The kind of all readings, where the table has no column for it. */
  readonly metric?: string;
  readonly instant: keyof Entity & string;
  /** The column of the instants, quoted if its name needs it. */
  readonly column: string;
}

/** What readings of all kinds and weights have in common: readings of sources, of which some are shown. */
export abstract class ReadingsRepository<Entity extends SyncedRecord> extends RecordRepository<Entity> {
  constructor(
    protected readonly all: Records,
    definition: Pick<RecordDefinition<Entity>, 'kind'>,
    owner: Owner,
    private readonly measured: MeasuredIn<Entity>,
  ) {
    super(all, definition, owner);
  }

  /** One page, the most recently measured first. */
  listOf(filter: ReadingFilter, place: Place): Promise<Listing<Listed<Entity>>> {
    const choice = filter.shown && this.choiceOf(filter, filter.shown);
    return this.page(readingsIn(this.measured, filter), this.measured.instant, place, choice);
  }

  async countOf(filter: ReadingFilter): Promise<number> {
    if (filter.shown && (await this.hasSources())) return this.countShown(filter, filter.shown);
    return this.countLive(readingsIn(this.measured, filter), this.measured.instant);
  }

  /** Chooses what is shown of the readings of this table. */
  choice(rules: ShownRules): ShownChoice {
    return new ShownChoice(rules, (minutes) => this.sourcesOf(minutes));
  }

  private choiceOf(filter: ReadingFilter, rules: ShownRules): Choice {
    const choice = this.choice(rules);
    const shownOf = (rows: readonly SqlRow[]): Promise<SqlRow[]> => choice.shownOf(rows, this.keyOf);
    return {
      name: 'shown',
      rowsOf: (all) => ({
        ...all,
        read: (start, count) => readShown(start, count, { ...all, shownOf }),
      }),
      count: () => this.countOf(filter),
    };
  }

  /** Counts in steps: others are served between two of them. */
  private async countShown(filter: ReadingFilter, rules: ShownRules): Promise<number> {
    const { column, metric } = this.measured;
    const [where, own] = readingsIn(this.measured, filter);
    const choice = this.choice(rules);
    const keyset = new Keyset([], [{ sql: column, holds: 'instant' }, ID], 'DESC');
    const columns = `${column} AS ${INSTANT}, id, source${metric === undefined ? ', metric' : ''}`;
    for (let [total, more, values]: [number, string, Position] = [0, '', []]; ;) {
      const rows = await this.compute(
        columns,
        [where + more, [...own, ...values]],
        `ORDER BY ${keyset.order} LIMIT ${COUNTED_AT_ONCE}`,
      );
      total += (await choice.shownOf(rows, (row) => this.keyIn(row, INSTANT))).length;
      const last = rows.at(-1);
      if (!last || rows.length < COUNTED_AT_ONCE) return total;
      const [after, position] = keyset.after([String(last[INSTANT]), String(last['id'])]);
      [more, values] = [` AND ${after}`, position];
      await nextTurn();
    }
  }

  /** Whether there are readings of two sources, also deleted ones. Of one source, all are shown. */
  private async hasSources(): Promise<boolean> {
    const end = (order: string): Promise<SqlRow[]> =>
      this.database.rows(
        `SELECT source FROM ${this.measured.table} WHERE user_id = ? ORDER BY source ${order} LIMIT 1`,
        [this.owner.id],
      );
    const [[first], [last]] = await Promise.all([end('ASC'), end('DESC')]);
    return first?.['source'] !== last?.['source'];
  }

  /** An index on (owner, kind, deletedAt, minute, source) has all of it. */
  private async sourcesOf(all: readonly Minutes[]): Promise<ShownKey[]> {
    const { table, metric: only } = this.measured;
    const parts = all.flatMap(({ metric, minutes }) =>
      batchesOf(minutes).map((batch) => ({ metric, batch })),
    );
    const found: ShownKey[] = [];
    for (const slice of slicesOf(parts, KINDS_AT_ONCE)) {
      const sql = slice.map(
        ({
          batch,
        }) => `SELECT DISTINCT ${only === undefined ? 'metric' : '? AS metric'}, measured_minute AS minute, source
          FROM ${table} WHERE user_id = ? AND ${only === undefined ? 'metric = ? AND ' : ''}deleted_at IS NULL
          AND measured_minute IN (${placeholders(batch.length)})`,
      );
      const values = slice.flatMap(({ metric, batch }) =>
        only === undefined ? [this.owner.id, metric, ...batch] : [metric, this.owner.id, ...batch],
      );
      const rows = await this.database.rows<ShownKey>(sql.join(' UNION ALL '), values);
      found.push(...rows.map(({ metric, minute, source }) => ({ metric, minute: Number(minute), source })));
    }
    return found;
  }

  private readonly keyOf = (row: SqlRow): ShownKey => this.keyIn(row, snakeCase(this.measured.instant));

  private keyIn(row: SqlRow, instant: string): ShownKey {
    const metric = this.measured.metric ?? String(row['metric']);
    const minute = minuteOf(instantOfColumn(String(row[instant])));
    return { metric, minute, source: String(row['source']) };
  }

  /** The newest readings for which a further condition is true. */
  newestOf(filter: ReadingFilter, [more, values]: Condition, count: number): Promise<Entity[]> {
    const [where, own] = readingsIn(this.measured, filter);
    const order = `${this.measured.column} DESC, id DESC`;
    return this.select(`deleted_at IS NULL${where}${more} ORDER BY ${order} LIMIT ?`, [
      ...own,
      ...values,
      count,
    ]);
  }

  /** A statement for the sort values of the newest readings: `at`, `id`, and `origin`. */
  keysOf(origin: string, filter: ReadingFilter, count: number): Condition {
    const { table, column } = this.measured;
    const [where, own] = readingsIn(this.measured, filter);
    return [
      `SELECT ${column} AS at, id, '${origin}' AS origin FROM ${table} WHERE user_id = ? AND deleted_at IS NULL${where} ORDER BY ${column} DESC, id DESC LIMIT ?`,
      [this.owner.id, ...own, count],
    ];
  }
}

/** The condition of a list. */
export function readingsIn(
  { column }: Pick<MeasuredIn<never>, 'column'>,
  { metric, source, from, to }: ReadingFilter,
): Condition {
  const [own, values] = conditions(['metric = ?', metric], ['source = ?', source]);
  const [onThem, instants] = onDays(column, { from, to });
  return [own + onThem, [...values, ...instants]];
}

/** The readings of one source in one minute. An index on (owner, source, deletedAt, instant) finds the newest. */
export function inMinute(column: string, source: string, minute: number): Condition {
  const [start, end] = [minute, minute + 1].map((one) => instantText(new Date(one * 60_000))) as [
    string,
    string,
  ];
  return [` AND source = ? AND ${column} >= ? AND ${column} < ?`, [source, start, end]];
}
