import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import type { SqlRow, SqlValue } from '../../platform/database/statements.js';
import { Table } from '../../platform/database/table.js';
import { WeightEntry } from './weight-entry.entity.js';

export interface WeightFilter {
  /** Measured at or after. */
  readonly since?: Date;
  /** Measured before. */
  readonly until?: Date;
}

/** The way to weights is through their owner: there is no method without one. */
@Injectable()
export class WeightRepository {
  private readonly table: Table<WeightEntry>;

  constructor(private readonly database: Database) {
    this.table = new Table(database.writer, WeightEntry);
  }

  of(userId: string): OwnedWeights {
    return new OwnedWeights(this.database, this.table, userId);
  }
}

/** The weights of one person. */
export class OwnedWeights {
  constructor(
    private readonly database: Database,
    private readonly table: Table<WeightEntry>,
    private readonly userId: string,
  ) {}

  /** The entry, unless it is deleted. */
  async findLive(id: string): Promise<WeightEntry | undefined> {
    const [entry] = await this.select('id = ? AND deleted_at IS NULL', [id]);
    return entry;
  }

  /** Entries by id, tombstones included. */
  findAll(ids: readonly string[]): Promise<WeightEntry[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.select(`id IN (${placeholders(ids.length)})`, ids);
  }

  /** Entries measured at one of these instants, tombstones included. */
  findMeasuredAt(instants: readonly Date[]): Promise<WeightEntry[]> {
    return instants.length === 0
      ? Promise.resolve([])
      : this.select(`timestamp IN (${placeholders(instants.length)})`, instants.map(instantText));
  }

  /** One page of what is not deleted, the last measured first. */
  list(filter: WeightFilter, limit: number, offset: number): Promise<WeightEntry[]> {
    const [where, values] = conditions(filter);
    return this.select(`${where} ORDER BY timestamp DESC, id DESC LIMIT ? OFFSET ?`, [
      ...values,
      limit,
      offset,
    ]);
  }

  async count(filter: WeightFilter): Promise<number> {
    const [where, values] = conditions(filter);
    const [row] = await this.database.rows<{ total: unknown }>(
      `SELECT COUNT(*) AS total FROM weight_entries WHERE user_id = ? AND ${where}`,
      [this.userId, ...values],
    );
    return Number(row?.total);
  }

  /** Entries that changed after the stamp, in the order of change. */
  changedAfter(stamp: Date, limit: number): Promise<WeightEntry[]> {
    return this.select('updated_at > ? ORDER BY updated_at, seq LIMIT ?', [instantText(stamp), limit]);
  }

  /** What is left of a transaction's entries after `seq`; a transaction has at most a hundred. */
  restOfStamp(stamp: Date, seq: bigint): Promise<WeightEntry[]> {
    return this.select('updated_at = ? AND seq > ? ORDER BY seq', [instantText(stamp), seq]);
  }

  async hasStamp(stamp: Date): Promise<boolean> {
    const rows = await this.database.rows(
      'SELECT 1 FROM weight_entries WHERE user_id = ? AND updated_at = ? LIMIT 1',
      [this.userId, instantText(stamp)],
    );
    return rows.length > 0;
  }

  /** @throws a duplicate-key error when an id is in use, by whomever. */
  insert(entries: readonly WeightEntry[]): Promise<void> {
    return this.table.insert(this.database, entries);
  }

  /** Replaces entries that were read under the owner's lock. */
  replace(entries: readonly WeightEntry[]): Promise<void> {
    return this.table.put(this.database, entries);
  }

  private async select(where: string, values: readonly SqlValue[]): Promise<WeightEntry[]> {
    const rows = await this.database.rows<SqlRow>(
      `SELECT ${this.table.columns} FROM weight_entries WHERE user_id = ? AND ${where}`,
      [this.userId, ...values],
    );
    return rows.map((row) => this.table.read(row));
  }
}

function conditions({ since, until }: WeightFilter): [string, SqlValue[]] {
  const parts = [
    'deleted_at IS NULL',
    ...(since ? ['timestamp >= ?'] : []),
    ...(until ? ['timestamp < ?'] : []),
  ];
  return [parts.join(' AND '), [since, until].flatMap((instant) => (instant ? [instantText(instant)] : []))];
}
