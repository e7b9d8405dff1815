import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database, instantText, readInstant } from '../../../platform/database/database.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { Problem } from '../../../kernel/http/problem.js';
import type { Owner, OwnerType } from '../../../records/define/owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import { ChangeSequence, newEpoch } from '../../../records/write/change-sequence.js';

const DAY_MS = 24 * 3_600_000;
/** More than the restores of a bad day. */
const MAX_EPOCHS_PER_DAY = 5;

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

  /**
   * For a client that is ahead of its epoch: the database was restored, but the step that begins a new epoch was left out.
   * @throws Problem `too-many-epochs` when the owner began too many on this day.
   */
  async beginFor(owner: Owner, { epoch, seq }: { epoch: string; seq: number }): Promise<Problem> {
    await this.sequence.change(owner, async (order) => {
      // Of several requests that notice it at once, the first begins the epoch.
      if (order.epoch !== epoch || order.last >= seq) return;
      await this.requireRoom(owner);
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

  /** Call it under the owner's lock. Each epoch costs a count of all digests, and every device a pull of all records. */
  private async requireRoom({ type: { epochs, column }, id }: Owner): Promise<void> {
    const [row] = await this.database.rows<{ count: unknown; first: unknown }>(
      `SELECT COUNT(*) AS count, MIN(created_at) AS first FROM ${epochs} WHERE ${column} = ? AND created_at > ?`,
      [id, instantText(new Date(this.clock.now() - DAY_MS))],
    );
    if (!row || Number(row.count) < MAX_EPOCHS_PER_DAY) return;
    const freeAt = readInstant(row.first).getTime() + DAY_MS;
    const retryAfter = Math.max(1, Math.ceil((freeAt - this.clock.now()) / 1_000));
    throw new Problem('too-many-epochs', { retryAfter });
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
    return this.database.execute(
      `UPDATE ${sequences} SET epoch = ?, digests = NULL, digest_count = NULL, record_counts = NULL ${where}`,
      [newEpoch(), ...values],
    );
  }
}
