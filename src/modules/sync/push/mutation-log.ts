import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders } from '../../../platform/database/database.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { RecordTable } from '../../../records/define/record-table.js';
import { type LoggedMutation, SyncPush } from './sync-push.entity.js';

const FORGOTTEN_AT_ONCE = 1_000;

const FIRST_THAT_REACHES =
  'SELECT MIN(last_seq) AS seq FROM sync_pushes WHERE user_id = ? AND client_id = ? AND last_seq >= ?';

/** The results of each client's mutations. */
@Injectable()
export class MutationLog {
  private readonly table: RecordTable<SyncPush>;

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
  ) {
    this.table = new RecordTable(database.writer, SyncPush);
  }

  /**
   * Finds the mutations with these `client_seq`. It uses two statements, however many they are and however far apart:
   * requests between two of them are not read.
   */
  async find(userId: string, clientId: string, clientSeqs: readonly number[]): Promise<LoggedMutation[]> {
    if (clientSeqs.length === 0) return [];
    const wanted = new Set(clientSeqs);
    // The ranges of two requests never overlap, so a known position is in the first request that reaches it.
    const ends = await this.database.rows<{ seq: unknown }>(
      Array.from(wanted, () => FIRST_THAT_REACHES).join(' UNION ALL '),
      [...wanted].flatMap((seq) => [userId, clientId, seq]),
    );
    const found = ends.flatMap(({ seq }) => (seq === null ? [] : Number(seq)));
    const requests = [...new Set(found)];
    if (requests.length === 0) return [];
    const pushes = await this.table.select(
      this.database,
      `user_id = ? AND client_id = ? AND last_seq IN (${placeholders(requests.length)})`,
      [userId, clientId, ...requests],
    );
    return pushes.flatMap(({ mutations }) => mutations.filter(([seq]) => wanted.has(seq)));
  }

  /** The smallest `client_seq` whose result is still stored; undefined if none is. */
  async oldest(userId: string, clientId: string): Promise<number | undefined> {
    const [row] = await this.database.rows<{ seq: unknown }>(
      'SELECT first_seq AS seq FROM sync_pushes WHERE user_id = ? AND client_id = ? ORDER BY last_seq LIMIT 1',
      [userId, clientId],
    );
    return row && Number(row.seq);
  }

  /** Stores the results of one request. */
  async add(
    userId: string,
    clientId: string,
    mutations: readonly LoggedMutation[],
    createdAt: Date,
  ): Promise<void> {
    if (mutations.length === 0) return;
    const clientSeqs = mutations.map(([seq]) => seq);
    const [firstSeq, lastSeq] = [Math.min(...clientSeqs), Math.max(...clientSeqs)];
    await this.table.insert(this.database, [{ userId, clientId, firstSeq, lastSeq, mutations, createdAt }]);
  }

  /** Deletes the results of a client. Joins the caller's unit of work. */
  async remove(userId: string, clientId: string): Promise<void> {
    await this.database.execute('DELETE FROM sync_pushes WHERE user_id = ? AND client_id = ?', [
      userId,
      clientId,
    ]);
  }

  /** Deletes some of the results that are older than the instant. @returns the number of requests. */
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
