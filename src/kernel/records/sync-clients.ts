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
    const [known] = await this.table.select(this.database, 'user_id = ? AND client_id = ?', [
      userId,
      clientId,
    ]);
    return known ?? newClient(userId, clientId);
  }

  /** All of one person, the last seen first. */
  list(userId: string, limit: number): Promise<SyncClient[]> {
    return this.table.select(this.database, 'user_id = ? ORDER BY last_seen_at DESC LIMIT ?', [
      userId,
      limit,
    ]);
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
