import { batchesOf } from '../../../platform/database/batches.js';
import { placeholders } from '../../../platform/database/database.js';
import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { RecordDefinition } from '../../../records/define/define-record.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed, SyncedRecord } from '../../../records/define/synced-record.js';
import { type Condition, conditions } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { type LocalDays, onDays } from './local-days.js';
import { areShown, isHidden, type ReadingTable, type ShownRules } from './shown.js';

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
  readonly table: ReadingTable;
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
    return this.page(readingsIn(this.measured, filter), this.measured.instant, place);
  }

  countOf(filter: ReadingFilter): Promise<number> {
    return this.countLive(readingsIn(this.measured, filter), this.measured.instant);
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

  /** The ids of those that these rules do not show, by one statement. */
  async hiddenAmong(
    readings: readonly Pick<SyncedRecord, 'id'>[],
    rules: ShownRules,
  ): Promise<ReadonlySet<string>> {
    const [hidden, values] = isHidden(rules, this.measured.table);
    const found = new Set<string>();
    for (const ids of batchesOf(readings.map(({ id }) => id)))
      for (const row of await this.compute('id', [
        ` AND id IN (${placeholders(ids.length)}) AND ${hidden}`,
        [...ids, ...values],
      ]))
        found.add(String(row['id']));
    return found;
  }
}

/** The condition of a list. */
export function readingsIn(
  { table, column }: Pick<MeasuredIn<never>, 'table' | 'column'>,
  { metric, source, shown, ...days }: ReadingFilter,
): Condition {
  const [own, values] = conditions(['metric = ?', metric], ['source = ?', source]);
  const [onThem, instants] = onDays(column, days);
  const [only, chosen] = shown ? areShown(shown, table) : ['', []];
  return [own + onThem + only, [...values, ...instants, ...chosen]];
}
