import { isUnavailable, TransactionLostError } from './errors.js';
import { Mutex } from './mutex.js';
import type { Transaction } from './transaction.js';

const MAX_QUEUED = 2_000;

/** The limits of a group: its first unit waits until its last unit has ended. */
export interface GroupLimits {
  readonly units: number;
  readonly ms: number;
}

type Work<T> = (transaction: Transaction) => Promise<T>;

/**
 * Units of work on SQLite's one writing connection. They run one at a time. Units that arrive in the same turn of the event
 * loop share a transaction, because COMMIT waits for the disk and takes longer than all statements of a unit.
 *
 * - A unit that fails is rolled back alone, because each unit except the first runs inside a savepoint.
 * - No unit returns before COMMIT. This is also true for a unit that failed, because it may have read rows of the other units.
 * - If COMMIT fails, every unit of the group fails.
 */
export class GroupCommit {
  private readonly turns: Mutex;
  private open: Group | undefined;

  constructor(
    private readonly begin: () => Promise<Transaction>,
    private readonly commit: (transaction: Transaction) => Promise<void>,
    private readonly limits: GroupLimits,
    maxWaitMs: number,
  ) {
    this.turns = new Mutex(maxWaitMs, MAX_QUEUED);
  }

  /**
   * Runs `work` in its turn, and returns after the COMMIT of its group.
   * @throws the error of `work` or of COMMIT; TransactionLostError when another unit caused the rollback of the group;
   * DatabaseBusyError when the wait for its turn is too long.
   */
  async run<T>(work: Work<T>): Promise<T> {
    const { group, outcome } = await this.turns.run(() => this.take(work));
    // A unit for which there is no room must not run again, also when SQLite took the whole group with it.
    if ('error' in outcome && isUnavailable(outcome.error)) throw outcome.error;
    await group.ended;
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }

  private async take<T>(work: Work<T>): Promise<{ group: Group; outcome: Outcome<T> }> {
    this.open ??= new Group(await this.begin(), this.limits);
    const group = this.open;
    const outcome = await group.add(work);
    if (group.isOver) this.open = undefined;
    else if (group.isDue) await this.close(group);
    else if (group.isFull) {
      // A queue of units would never let the event loop read new requests, so wait for one turn.
      await group.due();
      await this.close(group);
    } else void group.due().then(() => this.closeBetween(group));
    return { group, outcome };
  }

  /** Closes the group if no unit runs. If one runs, `take` closes the group after it. */
  private async closeBetween(group: Group): Promise<void> {
    if (this.open === group && !this.turns.isHeld) await this.turns.run(() => this.close(group));
  }

  private async close(group: Group): Promise<void> {
    this.open = undefined;
    await group.end(this.commit);
  }
}

type Outcome<T> = { readonly result: T } | { readonly error: unknown };

/** Some units in one transaction. */
class Group {
  /** Resolves after COMMIT. */
  readonly ended: Promise<void>;
  /** Whether the transaction has ended, by COMMIT or by a rollback. */
  isOver = false;
  /** Whether a turn of the event loop has passed since the first unit. */
  isDue = false;
  private settle!: { readonly done: () => void; readonly failed: (reason: unknown) => void };
  private units = 0;
  private readonly start = performance.now();
  private turn: Promise<void> | undefined;

  constructor(
    private readonly transaction: Transaction,
    private readonly limits: GroupLimits,
  ) {
    this.ended = new Promise((done, failed) => (this.settle = { done, failed }));
    // Each unit handles the rejection. Without a unit, it would count as unhandled.
    this.ended.catch(() => undefined);
  }

  get isFull(): boolean {
    return this.units >= this.limits.units || performance.now() - this.start >= this.limits.ms;
  }

  /** Runs one unit. If it fails, its writes are rolled back. */
  async add<T>(work: Work<T>): Promise<Outcome<T>> {
    const isFirst = this.units === 0;
    this.units += 1;
    try {
      if (!isFirst) await this.transaction.mark();
      const result = await work(this.transaction);
      if (!isFirst) await this.transaction.unmark();
      return { result };
    } catch (error) {
      await this.rollBack(isFirst, error);
      return { error };
    }
  }

  /** Resolves when all units that arrived together with the first one have joined. */
  due(): Promise<void> {
    this.turn ??= new Promise((resolve) =>
      setImmediate(() => {
        this.isDue = true;
        resolve();
      }),
    );
    return this.turn;
  }

  async end(commit: (transaction: Transaction) => Promise<void>): Promise<void> {
    try {
      await commit(this.transaction);
      await this.over();
      this.settle.done();
    } catch (error) {
      await this.lose(error);
    }
  }

  private async rollBack(isFirst: boolean, error: unknown): Promise<void> {
    if (isFirst) {
      // The group has no other unit.
      await this.transaction.rollback();
      await this.over();
      this.settle.done();
    } else if (!(await this.transaction.rollbackToMark()))
      // SQLite itself has rolled back the whole transaction, for example because the disk is full.
      await this.lose(new TransactionLostError({ cause: error }));
  }

  private async lose(error: unknown): Promise<void> {
    await this.transaction.rollback();
    await this.over();
    this.settle.failed(error);
  }

  private async over(): Promise<void> {
    this.isOver = true;
    await this.transaction.release();
  }
}
