import { Injectable } from '@nestjs/common';
import { Database, placeholders } from '../../platform/database/database.js';
import { LocalId } from '../define/person/local-id.entity.js';
import { personType } from '../define/person/person.owner.js';
import { RecordTable } from '../define/record-table.js';
import { digest } from '../../platform/random-token.js';

const OWNER = personType.column;

/** The devices' own ids of a person's records: `local_id` on the wire. */
@Injectable()
export class LocalIds {
  private readonly table: RecordTable<LocalId>;

  constructor(private readonly database: Database) {
    this.table = new RecordTable(database.writer, LocalId);
  }

  /** Finds the records to which these devices gave these ids. */
  async find(
    ownerId: string,
    kind: string,
    deviceIds: readonly string[],
    localIds: readonly string[],
  ): Promise<LocalId[]> {
    if (localIds.length === 0) return [];
    return this.table.select(
      this.database,
      `${OWNER} = ? AND kind = ? AND device_id IN (${placeholders(deviceIds.length)}) AND local_id IN (${placeholders(localIds.length)})`,
      [ownerId, kind, ...deviceIds, ...localIds],
    );
  }

  /** The devices' own id for each record that one of them has sent, by record id. A later device id in text order wins. */
  async byRecord(
    ownerId: string,
    kind: string,
    deviceIds: readonly string[],
    recordIds: readonly string[],
  ): Promise<Map<string, string>> {
    if (recordIds.length === 0) return new Map();
    const rows = await this.database.rows<{ record_id: string; local_id: string }>(
      `SELECT record_id, local_id FROM sync_local_ids
       WHERE record_id IN (${placeholders(recordIds.length)}) AND ${OWNER} = ? AND kind = ?
       AND device_id IN (${placeholders(deviceIds.length)})
       ORDER BY device_id`,
      [...recordIds, ownerId, kind, ...deviceIds],
    );
    return new Map(rows.map((row) => [row.record_id, row.local_id]));
  }

  /** Stores ids, with the hash of the item that was last applied under each. */
  put(localIds: readonly LocalId[]): Promise<void> {
    return this.table.put(this.database, localIds);
  }
}

/** The hash of an item as the device sent it. */
export const itemHash = (item: unknown): string => digest(JSON.stringify(item));
