import { Injectable } from '@nestjs/common';
import { Database, instantText } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { Conflict } from '../../kernel/records/conflict.entity.js';
import { conditions, OwnedRecords, type Place, type RecordPage } from '../../kernel/records/owned-records.js';

/** The way to conflicts is through their owner: there is no method without one. */
@Injectable()
export class ConflictsRepository {
  private readonly table: Table<Conflict>;

  constructor(private readonly database: Database) {
    this.table = new Table(database.writer, Conflict);
  }

  of(userId: string): OwnedConflicts {
    return new OwnedConflicts(this.database, this.table, userId);
  }
}

/** The conflicts of one person. */
export class OwnedConflicts extends OwnedRecords<Conflict> {
  /** The newest first. */
  page(status: string | undefined, place: Place): Promise<RecordPage<Conflict>> {
    return this.pageOf(conditions(['status = ?', status]), 'created_at DESC, id DESC', place);
  }

  async countOpen(): Promise<number> {
    return (await this.page('open', { limit: 1, offset: 0 })).total;
  }

  /** Those that are older, for the record to end. */
  olderThan(instant: Date, limit: number): Promise<Conflict[]> {
    return this.select('created_at < ? AND deleted_at IS NULL LIMIT ?', [instantText(instant), limit]);
  }
}
