import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { personType } from '../define/person/person.owner.js';
import { newClient, SyncClient } from '../define/person/sync-client.entity.js';
import { RecordTable } from '../define/record-table.js';

/** The values to store for a device. Values that are left out stay unchanged. */
export type ClientChanges = Partial<
  Pick<SyncClient, 'lastSince' | 'lastClientSeq' | 'lastSeenAt' | 'clockSkewMs'>
>;

const PERSON = personType.column;
const MAX_INT = 2_147_483_647;

/** The devices with which a person syncs. They belong to the person who acts, not to the owner of the changed records. */
@Injectable()
export class SyncClients {
  private readonly table: RecordTable<SyncClient>;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.table = new RecordTable(database.writer, SyncClient);
  }

  async find(personId: string, clientId: string): Promise<SyncClient> {
    const [known] = await this.table.select(this.database, `${PERSON} = ? AND client_id = ?`, [
      personId,
      clientId,
    ]);
    return known ?? newClient(personId, clientId);
  }

  /** The devices of one person, the most recently seen first. */
  list(personId: string, limit: number): Promise<SyncClient[]> {
    return this.table.select(this.database, `${PERSON} = ? ORDER BY last_seen_at DESC LIMIT ?`, [
      personId,
      limit,
    ]);
  }

  /**
   * Stores the given values in one statement. A device sends several requests at the same time and not all of them hold the
   * person's lock, so no request may write back a value that it read earlier. `last_client_seq` never decreases.
   */
  async remember(personId: string, clientId: string, changes: ClientChanges): Promise<void> {
    const given = columnsOf(changes);
    const names = [PERSON, 'client_id', ...given.map(([name]) => name)];
    const isMysql = this.database.dialect === 'mysql';
    const updates = given.map(([name]) => {
      const sent = isMysql ? `VALUES(${name})` : `excluded.${name}`;
      return `${name} = ${name === 'last_client_seq' ? `${isMysql ? 'GREATEST' : 'MAX'}(sync_clients.${name}, ${sent})` : sent}`;
    });
    const update = isMysql ? 'ON DUPLICATE KEY UPDATE' : `ON CONFLICT (${PERSON}, client_id) DO UPDATE SET`;
    await this.unitOfWork.run(() =>
      this.database.execute(
        `INSERT INTO sync_clients (${names.join(', ')}) VALUES (${placeholders(names.length)}) ${update} ${updates.join(', ')}`,
        [personId, clientId, ...given.map(([, value]) => value)],
      ),
    );
  }
}

/** The columns of the given values, with the values. */
function columnsOf({ lastSince, lastClientSeq, lastSeenAt, clockSkewMs }: ClientChanges) {
  const skew = clockSkewMs && Math.max(-MAX_INT, Math.min(clockSkewMs, MAX_INT));
  const all = [
    ['last_since', lastSince && instantText(lastSince)],
    ['last_client_seq', lastClientSeq],
    ['last_seen_at', lastSeenAt && instantText(lastSeenAt)],
    ['clock_skew_ms', skew],
  ] as const;
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
