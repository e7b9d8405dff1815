import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Problem } from '../../kernel/http/problem.js';
import { ChangeSequence, newEpoch } from '../../kernel/records/change-sequence.js';

/**
 * Unbroken histories. A database that was restored from a backup has forgotten what it acknowledged: it begins a new
 * epoch, and phones bring back what they know from after the backup.
 */
@Injectable()
export class EpochsService {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly sequence: ChangeSequence,
    private readonly clock: Clock,
  ) {}

  /** What a client of another epoch is told. */
  async changed(userId: string, known: string): Promise<Problem> {
    const { epoch } = await this.sequence.head(userId);
    // One that is not listed was lost itself: nothing is known to be common, so everything counts.
    const [row] = await this.database.rows<{ base: unknown }>(
      `SELECT CAST(MIN(last_seq) AS CHAR) AS base FROM sync_epochs WHERE user_id = ? AND ordinal >=
         (SELECT known.ordinal FROM sync_epochs known WHERE known.user_id = ? AND known.epoch = ?)`,
      [userId, userId, known],
    );
    return new Problem('epoch-changed', { members: { epoch, base_seq: String(row?.base ?? 0) } });
  }

  /** A client stands where its epoch has never been: nobody said so, but the database was restored. */
  async beginFor(userId: string, { epoch, seq }: { epoch: string; seq: bigint }): Promise<Problem> {
    await this.sequence.change(userId, async (order) => {
      // Of several that notice at once, the first begins it.
      if (order.epoch === epoch && order.last < seq) await this.begin('WHERE user_id = ?', [userId]);
    });
    return this.changed(userId, epoch);
  }

  /**
   * Begins a new epoch for everybody: a step of the restore.
   * @returns for how many people.
   */
  beginForAll(): Promise<number> {
    return this.unitOfWork.run(() => this.begin('', []));
  }

  /** Ends the current epoch where the database stands, and begins another. */
  private async begin(where: string, values: readonly string[]): Promise<number> {
    await this.database.execute(
      `INSERT INTO sync_epochs (user_id, epoch, ordinal, last_seq, created_at)
       SELECT user_id, epoch, (SELECT COUNT(*) + 1 FROM sync_epochs old WHERE old.user_id = user_sequences.user_id), seq, ?
       FROM user_sequences ${where}`,
      [instantText(this.clock.date()), ...values],
    );
    return this.database.execute(`UPDATE user_sequences SET epoch = ?, digests = NULL ${where}`, [
      newEpoch(),
      ...values,
    ]);
  }
}
