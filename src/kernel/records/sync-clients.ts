import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SyncClient } from './sync-client.entity.js';

/** What is remembered of each syncing device. */
@Injectable()
export class SyncClients {
  private readonly table: Table<SyncClient>;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.table = new Table(database.writer, SyncClient);
  }

  async find(userId: string, clientId: string): Promise<SyncClient> {
    const [row] = await this.database.rows(
      `SELECT ${this.table.columns} FROM sync_clients WHERE user_id = ? AND client_id = ?`,
      [userId, clientId],
    );
    return row ? this.table.read(row) : newClient(userId, clientId);
  }

  /** All of one person, the last seen first. */
  async list(userId: string, limit: number): Promise<SyncClient[]> {
    const rows = await this.database.rows(
      `SELECT ${this.table.columns} FROM sync_clients WHERE user_id = ? ORDER BY last_seen_at DESC LIMIT ?`,
      [userId, limit],
    );
    return rows.map((row) => this.table.read(row));
  }

  /** Replaces what is remembered. */
  remember(client: SyncClient): Promise<void> {
    return this.unitOfWork.run(() => this.table.put(this.database, [client]));
  }
}

const newClient = (userId: string, clientId: string): SyncClient => ({
  userId,
  clientId,
  lastSince: null,
  lastClientSeq: 0n,
  lastSeenAt: null,
  clockSkewMs: null,
});
