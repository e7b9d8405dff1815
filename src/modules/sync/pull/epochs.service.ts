import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database, instantText } from '../../../platform/database/database.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { Problem } from '../../../kernel/http/problem.js';
import type { Owner, OwnerType } from '../../../records/define/owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { ChangeSequence, newEpoch } from '../../../records/write/change-sequence.js';

/**
 * Epochs are continuous histories. A database that was restored from a backup has lost changes that it acknowledged. It
 * begins a new epoch, and phones send the changes made after the backup again.
 */
@Injectable()
export class EpochsService {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly sequence: ChangeSequence,
    private readonly catalog: RecordCatalog,
    private readonly clock: Clock,
  ) {}

  /** The error for a client of another epoch. */
  async changed(owner: Owner, known: string): Promise<Problem> {
    const { epoch } = await this.sequence.head(owner);
    const { epochs, column } = owner.type;
    // An unlisted epoch was lost too: no common history is known, so the client must send everything.
    const [row] = await this.database.rows<{ base: unknown }>(
      `SELECT MIN(last_seq) AS base FROM ${epochs} WHERE ${column} = ? AND ordinal >=
         (SELECT known.ordinal FROM ${epochs} known WHERE known.${column} = ? AND known.epoch = ?)`,
      [owner.id, owner.id, known],
    );
    return new Problem('epoch-changed', { members: { epoch, base_seq: String(row?.base ?? 0) } });
  }

  /** For a client that is ahead of its epoch: the database was restored, but the step that begins a new epoch was left out. */
  async beginFor(owner: Owner, { epoch, seq }: { epoch: string; seq: number }): Promise<Problem> {
    await this.sequence.change(owner, async (order) => {
      // Of several requests that notice it at once, the first begins the epoch.
      if (order.epoch === epoch && order.last < seq)
        await this.begin(owner.type, `WHERE ${owner.type.column} = ?`, [owner.id]);
    });
    return this.changed(owner, epoch);
  }

  /**
   * Begins a new epoch for every owner. Part of restoring a backup.
   * @returns the number of owners.
   */
  beginForAll(): Promise<number> {
    return this.unitOfWork.run(async () => {
      let count = 0;
      for (const type of this.catalog.ownerTypes) count += await this.begin(type, '', []);
      return count;
    });
  }

  /** Ends the current epoch at the last change in the database and begins another. */
  private async begin(type: OwnerType, where: string, values: readonly string[]): Promise<number> {
    const { epochs, sequences, column } = type;
    await this.database.execute(
      `INSERT INTO ${epochs} (${column}, epoch, ordinal, last_seq, created_at)
       SELECT ${column}, epoch, (SELECT COUNT(*) + 1 FROM ${epochs} old WHERE old.${column} = ${sequences}.${column}), seq, ?
       FROM ${sequences} ${where}`,
      [instantText(this.clock.date()), ...values],
    );
    return this.database.execute(`UPDATE ${sequences} SET epoch = ?, digests = NULL ${where}`, [
      newEpoch(),
      ...values,
    ]);
  }
}
