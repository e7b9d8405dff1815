import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { type LoggedMutation, SyncPush } from './sync-push.entity.js';

const FORGOTTEN_AT_ONCE = 1_000;

const FIRST_THAT_REACHES =
  'SELECT CAST(MIN(last_seq) AS CHAR) AS place FROM sync_pushes WHERE user_id = ? AND client_id = ? AND last_seq >= ?';

/** What became of each client's mutations. */
@Injectable()
export class MutationLog {
  private readonly table: Table<SyncPush>;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.table = new Table(database.writer, SyncPush);
  }

  /**
   * What had one of these places in the client's order. Two statements, however many places and however far apart: of
   * the many requests that may lie between two places none is read.
   */
  async find(userId: string, clientId: string, places: readonly number[]): Promise<LoggedMutation[]> {
    if (places.length === 0) return [];
    const wanted = new Set(places);
    // Places of two requests never overlap: one that is known is in the first request that reaches it.
    const ends = await this.database.rows<{ place: string | null }>(
      Array.from(wanted, () => FIRST_THAT_REACHES).join(' UNION ALL '),
      [...wanted].flatMap((place) => [userId, clientId, place]),
    );
    const requests = [...new Set(ends.flatMap(({ place }) => place ?? []))].map(BigInt);
    if (requests.length === 0) return [];
    const pushes = await this.table.select(
      this.database,
      `user_id = ? AND client_id = ? AND last_seq IN (${placeholders(requests.length)})`,
      [userId, clientId, ...requests],
    );
    return pushes.flatMap(({ mutations }) => mutations.filter(([place]) => wanted.has(place)));
  }

  /** The smallest place that is still remembered; undefined when none is. */
  async oldest(userId: string, clientId: string): Promise<number | undefined> {
    const [row] = await this.database.rows<{ place: unknown }>(
      'SELECT first_seq AS place FROM sync_pushes WHERE user_id = ? AND client_id = ? ORDER BY last_seq LIMIT 1',
      [userId, clientId],
    );
    return row && Number(row.place);
  }

  /** Remembers one request's. */
  async add(
    userId: string,
    clientId: string,
    mutations: readonly LoggedMutation[],
    createdAt: Date,
  ): Promise<void> {
    if (mutations.length === 0) return;
    const places = mutations.map(([place]) => place);
    const [firstSeq, lastSeq] = [BigInt(Math.min(...places)), BigInt(Math.max(...places))];
    await this.table.insert(this.database, [{ userId, clientId, firstSeq, lastSeq, mutations, createdAt }]);
  }

  /** Forgets what is older, a part at a time. @returns how many requests. */
  async forget(before: Date): Promise<number> {
    const some =
      this.database.dialect === 'mysql'
        ? 'created_at < ? LIMIT ?'
        : 'rowid IN (SELECT rowid FROM sync_pushes WHERE created_at < ? LIMIT ?)';
    for (let total = 0; ;) {
      const count = await this.unitOfWork.run(() =>
        this.database.execute(`DELETE FROM sync_pushes WHERE ${some}`, [
          instantText(before),
          FORGOTTEN_AT_ONCE,
        ]),
      );
      total += count;
      if (count < FORGOTTEN_AT_ONCE) return total;
    }
  }
}
