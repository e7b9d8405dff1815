import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import {
  type Condition,
  conditions,
  OwnedRecords,
  type Place,
  type RecordPage,
} from '../../kernel/records/owned-records.js';
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
export class OwnedWeights extends OwnedRecords<WeightEntry> {
  /** Entries measured at one of these instants, tombstones included. */
  findMeasuredAt(instants: readonly Date[]): Promise<WeightEntry[]> {
    return instants.length === 0
      ? Promise.resolve([])
      : this.select(`timestamp IN (${placeholders(instants.length)})`, instants.map(instantText));
  }

  /** The last measured first. */
  page(filter: WeightFilter, place: Place): Promise<RecordPage<WeightEntry>> {
    return this.pageOf(measured(filter), 'timestamp DESC, id DESC', place);
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
}

const measured = ({ since, until }: WeightFilter): Condition =>
  conditions(['timestamp >= ?', since && instantText(since)], ['timestamp < ?', until && instantText(until)]);
