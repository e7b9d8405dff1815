import { type Database, placeholders } from '../../platform/database/database.js';
import type { SqlValue } from '../../platform/database/statements.js';
import type { Table } from '../../platform/database/table.js';
import type { SyncedRecord } from './synced-record.js';

/** Where a page begins, and how long it is. */
export interface Place {
  readonly limit: number;
  readonly offset: number;
}

export interface RecordPage<Entity> {
  readonly data: Entity[];
  readonly total: number;
}

/** The records of one kind and one person: there is no way to a record without its owner. */
export class OwnedRecords<Entity extends SyncedRecord = SyncedRecord> {
  constructor(
    protected readonly database: Database,
    private readonly table: Table<Entity>,
    protected readonly userId: string,
  ) {}

  /** The record, unless it is deleted. */
  async findLive(id: string): Promise<Entity | undefined> {
    const [record] = await this.select('id = ? AND deleted_at IS NULL', [id]);
    return record;
  }

  /** Records by id, tombstones included. */
  findAll(ids: readonly string[]): Promise<Entity[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.select(`id IN (${placeholders(ids.length)})`, ids);
  }

  /** What changed after one place in the person's order and up to another, in that order. */
  changed(after: bigint, upTo: bigint, limit: number, which: 'all' | 'live'): Promise<Entity[]> {
    const live = which === 'live' ? ' AND deleted_at IS NULL' : '';
    return this.select(`seq > ? AND seq <= ?${live} ORDER BY seq LIMIT ?`, [after, upTo, limit]);
  }

  /** One page of what is not deleted, and how much there is. `order` names columns of this table. */
  protected async pageOf(condition: Condition, order: string, place: Place): Promise<RecordPage<Entity>> {
    const [where, values] = condition;
    const [data, [counted]] = await Promise.all([
      this.select(`deleted_at IS NULL${where} ORDER BY ${order} LIMIT ? OFFSET ?`, [
        ...values,
        place.limit,
        place.offset,
      ]),
      this.database.rows<{ total: unknown }>(
        `SELECT COUNT(*) AS total FROM ${this.table.name} WHERE user_id = ? AND deleted_at IS NULL${where}`,
        [this.userId, ...values],
      ),
    ]);
    return { data, total: Number(counted?.total) };
  }

  protected select(where: string, values: readonly SqlValue[]): Promise<Entity[]> {
    return this.table.select(this.database, `user_id = ? AND ${where}`, [this.userId, ...values]);
  }
}

/** ` AND …` for a WHERE clause, and its values. */
export type Condition = readonly [string, readonly SqlValue[]];

/** The conditions that are given, joined. */
export function conditions(...parts: readonly (readonly [string, SqlValue | undefined])[]): Condition {
  const given = parts.filter((part): part is [string, SqlValue] => part[1] !== undefined);
  return [given.map(([sql]) => ` AND ${sql}`).join(''), given.map(([, value]) => value)];
}
