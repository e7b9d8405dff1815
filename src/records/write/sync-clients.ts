import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { QuotaExceeded } from '../../kernel/quotas/quota-exceeded.js';
import { CountsQuota, type QuotaUse } from '../../kernel/quotas/quota.js';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { person, personType } from '../define/person/person.owner.js';
import { newClient, SyncClient } from '../define/person/sync-client.entity.js';
import { RecordTable } from '../define/record-table.js';
import { ChangeSequence } from './change-sequence.js';
import { devicesQuota } from './sync-clients.quotas.js';

/** The values to store for a device. Values that are left out stay unchanged. */
export type ClientChanges = Partial<
  Pick<SyncClient, 'lastSince' | 'lastClientSeq' | 'lastSeenAt' | 'clockSkewMs'>
>;

/** A device as it was read. */
export interface FoundClient extends SyncClient {
  /** Whether it is stored. */
  readonly isKnown: boolean;
}

const PERSON = personType.column;
const MAX_INT = 2_147_483_647;

/** The devices with which a person syncs. They belong to the person who acts, not to the owner of the changed records. */
@Injectable()
export class SyncClients {
  private readonly table: RecordTable<SyncClient>;
  private readonly limit: number;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly sequence: ChangeSequence,
    { env }: Config,
  ) {
    this.table = new RecordTable(database.writer, SyncClient);
    this.limit = env.QUOTA_DEVICES;
  }

  async find(personId: string, clientId: string): Promise<FoundClient> {
    const [known] = await this.table.select(this.database, `${PERSON} = ? AND client_id = ?`, [
      personId,
      clientId,
    ]);
    return { ...(known ?? newClient(personId, clientId)), isKnown: known !== undefined };
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
   * @param client as it was read. A new one is added under the person's lock, so that a burst adds no more than are allowed.
   * @throws Problem `quota-exceeded` for a new device when there are too many. A known one is never refused.
   */
  async remember(
    personId: string,
    { clientId, isKnown }: FoundClient,
    changes: ClientChanges,
  ): Promise<void> {
    const given = columnsOf(changes);
    if (isKnown) return this.unitOfWork.run(() => this.update(personId, clientId, given));
    await this.sequence.change(person(personId), async () => {
      const { used, isThere } = await this.count(personId, clientId);
      if (isThere) return this.update(personId, clientId, given);
      if (used >= this.limit) throw this.exceeded(used);
      const names = [PERSON, 'client_id', ...given.map(([name]) => name)];
      await this.database.execute(
        `INSERT INTO sync_clients (${names.join(', ')}) VALUES (${placeholders(names.length)})`,
        [personId, clientId, ...given.map(([, value]) => value)],
      );
    });
  }

  /**
   * Removes devices: if one comes back, it is a new device. Joins the caller's unit of work, which must hold the person's lock.
   * @returns how many there were.
   */
  remove(personId: string, clientIds: readonly string[]): Promise<number> {
    const where = `WHERE ${PERSON} = ? AND client_id IN (${placeholders(clientIds.length)})`;
    return this.database.execute(`DELETE FROM sync_clients ${where}`, [personId, ...clientIds]);
  }

  @CountsQuota(devicesQuota)
  async usage(personId: string): Promise<QuotaUse> {
    const { used } = await this.count(personId, '');
    return { limit: this.limit, used };
  }

  private async update(personId: string, clientId: string, given: Given): Promise<void> {
    const greatest = this.database.dialect === 'mysql' ? 'GREATEST' : 'MAX';
    const updates = given.map(([name]) =>
      name === 'last_client_seq' ? `${name} = ${greatest}(${name}, ?)` : `${name} = ?`,
    );
    if (given.length > 0)
      await this.database.execute(
        `UPDATE sync_clients SET ${updates.join(', ')} WHERE ${PERSON} = ? AND client_id = ?`,
        [...given.map(([, value]) => value), personId, clientId],
      );
  }

  private async count(personId: string, clientId: string): Promise<{ used: number; isThere: boolean }> {
    const [row] = await this.database.rows(
      `SELECT COUNT(*) AS used, COUNT(CASE WHEN client_id = ? THEN 1 END) AS there FROM sync_clients WHERE ${PERSON} = ?`,
      [clientId, personId],
    );
    return { used: Number(row?.['used']), isThere: Number(row?.['there']) > 0 };
  }

  private exceeded(used: number): QuotaExceeded {
    return new QuotaExceeded({
      quota: devicesQuota.name,
      limit: this.limit,
      used,
      what: 'devices',
      remedy: 'Remove one that is no longer used with DELETE /api/sync/clients/{client_id}.',
    });
  }
}

type Given = ReturnType<typeof columnsOf>;

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
