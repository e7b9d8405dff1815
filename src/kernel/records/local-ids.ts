import { Injectable } from '@nestjs/common';
import { Database, placeholders } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { LocalId } from './local-id.entity.js';
import { digest } from '../../platform/random-token.js';

/** The ids phones gave to records of one kind. */
@Injectable()
export class LocalIds {
  private readonly table: Table<LocalId>;

  constructor(private readonly database: Database) {
    this.table = new Table(database.writer, LocalId);
  }

  /** What these ids of a device stand for. */
  async find(
    userId: string,
    kind: string,
    deviceId: string,
    localIds: readonly string[],
  ): Promise<LocalId[]> {
    if (localIds.length === 0) return [];
    return this.table.select(
      this.database,
      `user_id = ? AND kind = ? AND device_id = ? AND local_id IN (${placeholders(localIds.length)})`,
      [userId, kind, deviceId, ...localIds],
    );
  }

  /** A device's own id of each record it has sent, by record id. */
  async byRecord(
    userId: string,
    kind: string,
    deviceId: string,
    recordIds: readonly string[],
  ): Promise<Map<string, string>> {
    if (recordIds.length === 0) return new Map();
    const rows = await this.database.rows<{ record_id: string; local_id: string }>(
      `SELECT record_id, local_id FROM sync_local_ids
       WHERE record_id IN (${placeholders(recordIds.length)}) AND user_id = ? AND kind = ? AND device_id = ?`,
      [...recordIds, userId, kind, deviceId],
    );
    return new Map(rows.map((row) => [row.record_id, row.local_id]));
  }

  /** Remembers ids and what was last applied under them. */
  put(localIds: readonly LocalId[]): Promise<void> {
    return this.table.put(this.database, localIds);
  }
}

/** The fingerprint of an item as a device sent it. */
export const itemHash = (item: unknown): string => digest(JSON.stringify(item));
