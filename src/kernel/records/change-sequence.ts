import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import { Turns } from '../../platform/database/mutex.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Problem } from '../http/problem.js';

/** The changes of one person in one transaction: one stamp, consecutive numbers. */
export class ChangeSet {
  private taken = 0n;

  constructor(
    readonly userId: string,
    /** The time of the transaction: never before any earlier one of this person, on any node. */
    readonly stamp: Date,
    private readonly base: bigint,
  ) {}

  /** The place of one more change in the person's order. */
  next(): bigint {
    this.taken += 1n;
    return this.last;
  }

  /** The newest number, taken here or before. */
  get last(): bigint {
    return this.base + this.taken;
  }

  get isEmpty(): boolean {
    return this.taken === 0n;
  }
}

/** A phone waits this long for its turn before it is told to come back. */
const MAX_WAIT_MS = 5_000;
const MAX_WAITING = 1_000;

interface SequenceRow {
  readonly seq: string | number;
  readonly stamp: unknown;
}

/**
 * The gate to everything a person owns. It locks the person's sequence row first and holds it to COMMIT: changes of one
 * person are serialised, so the order of numbers is the order of commits and every reader sees a prefix of it.
 */
@Injectable()
export class ChangeSequence {
  /** Of one person's changes one at a time asks the database, so a hot account cannot take all its connections. */
  private readonly turns = new Turns(MAX_WAIT_MS, MAX_WAITING);

  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Makes the row, at sign-up: two first writes must not race to create it. */
  async create(userId: string): Promise<void> {
    await this.database.execute('INSERT INTO user_sequences (user_id, seq, stamp) VALUES (?, 0, ?)', [
      userId,
      instantText(this.clock.date()),
    ]);
  }

  /**
   * Runs `work` in a unit of work that holds the person's lock; inside one that already holds it, `work` joins that
   * and shares its stamp.
   * @throws Problem `session-revoked` when the account is gone.
   */
  change<T>(userId: string, work: (changes: ChangeSet) => Promise<T>): Promise<T> {
    const key = `sequence:${userId}`;
    const outer = this.database.unit?.held.get(key);
    if (outer instanceof ChangeSet) return work(outer);
    const locked = () =>
      this.unitOfWork.run(async () => {
        const changes = await this.lock(userId);
        this.database.unit?.held.set(key, changes);
        const result = await work(changes);
        if (!changes.isEmpty) await this.advance(changes);
        return result;
      });
    // A unit that is already running has its connection; waiting here could wait for itself.
    return this.database.unit ? locked() : this.turns.run(userId, locked);
  }

  /** The person's newest change: its number and the stamp of its transaction. One primary-key read. */
  async head(userId: string): Promise<{ seq: bigint; stamp: Date }> {
    const [row] = await this.database.rows<SequenceRow>(
      'SELECT seq, stamp FROM user_sequences WHERE user_id = ?',
      [userId],
    );
    if (!row) throw new Problem('session-revoked');
    return { seq: BigInt(row.seq), stamp: readInstant(row.stamp) };
  }

  private async lock(userId: string): Promise<ChangeSet> {
    const [row] = await this.database.rows<SequenceRow>(
      `SELECT seq, stamp FROM user_sequences WHERE user_id = ?${this.database.forUpdate}`,
      [userId],
    );
    if (!row) throw new Problem('session-revoked');
    const stamp = Math.max(this.clock.now(), readInstant(row.stamp).getTime() + 1);
    return new ChangeSet(userId, new Date(stamp), BigInt(row.seq));
  }

  private async advance({ userId, stamp, last }: ChangeSet): Promise<void> {
    await this.database.execute('UPDATE user_sequences SET seq = ?, stamp = ? WHERE user_id = ?', [
      last,
      instantText(stamp),
      userId,
    ]);
  }
}
