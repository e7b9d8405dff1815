import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SyncClient } from './sync-client.entity.js';

/** What is new of a device; what is left out stays as it is. */
export type ClientNews = Partial<
  Pick<SyncClient, 'lastSince' | 'lastClientSeq' | 'lastSeenAt' | 'clockSkewMs'>
>;

const MAX_INT = 2_147_483_647;

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

  /**
   * Keeps what is new, in one statement: requests of one device come at once, not all of them under the person's lock,
   * and none may write back what it has read before another wrote. The place of the newest edit never goes back.
   */
  async remember(userId: string, clientId: string, news: ClientNews): Promise<void> {
    const given = columnsOf(news);
    const names = ['user_id', 'client_id', ...given.map(([name]) => name)];
    const isMysql = this.database.dialect === 'mysql';
    const changes = given.map(([name]) => {
      const sent = isMysql ? `VALUES(${name})` : `excluded.${name}`;
      return `${name} = ${name === 'last_client_seq' ? `${isMysql ? 'GREATEST' : 'MAX'}(sync_clients.${name}, ${sent})` : sent}`;
    });
    const update = isMysql ? 'ON DUPLICATE KEY UPDATE' : 'ON CONFLICT (user_id, client_id) DO UPDATE SET';
    await this.unitOfWork.run(() =>
      this.database.execute(
        `INSERT INTO sync_clients (${names.join(', ')}) VALUES (${placeholders(names.length)}) ${update} ${changes.join(', ')}`,
        [userId, clientId, ...given.map(([, value]) => value)],
      ),
    );
  }
}

/** The columns of what is given, and their values. */
function columnsOf({ lastSince, lastClientSeq, lastSeenAt, clockSkewMs }: ClientNews) {
  const skew = clockSkewMs && Math.max(-MAX_INT, Math.min(clockSkewMs, MAX_INT));
  const all = [
    ['last_since', lastSince && instantText(lastSince)],
    ['last_client_seq', lastClientSeq],
    ['last_seen_at', lastSeenAt && instantText(lastSeenAt)],
    ['clock_skew_ms', skew],
  ] as const;
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

const newClient = (userId: string, clientId: string): SyncClient => ({
  userId,
  clientId,
  lastSince: null,
  lastClientSeq: 0n,
  lastSeenAt: null,
  clockSkewMs: null,
});
