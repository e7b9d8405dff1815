import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Database, type Unit } from './database.js';
import { DatabaseBusyError, DatabaseUnavailableError, isConflict, isUnavailable } from './errors.js';
import { GroupCommit, type GroupLimits } from './group-commit.js';
import { Transaction } from './transaction.js';

const ATTEMPTS = 3;

interface Done<T> {
  readonly result: T;
  readonly afterCommit: readonly (() => void)[];
}

/**
 * Runs every write in a transaction that commits completely or not at all. On SQLite the units of work run one at a time,
 * because TypeORM shares a single connection and interleaved transactions would commit or roll back each other's rows. Units
 * that arrive together share one COMMIT: see {@link GroupCommit}.
 */
@Injectable()
export class UnitOfWork {
  private readonly groups: GroupCommit;

  constructor(private readonly database: Database) {
    this.groups = new GroupCommit(
      () => this.begin(),
      (transaction) => this.commit(transaction),
      this.groupLimits,
      database.writeWaitMs,
    );
  }

  /**
   * Runs `work` in a transaction, or joins the transaction that is already running. `work` may run again after a deadlock,
   * so it must have no effect outside the database. Put such effects in {@link afterCommit}.
   * @throws DatabaseBusyError after three deadlocks or lock waits, DatabaseUnavailableError when the connection is lost.
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.database.unit ? work() : this.attempt(work, 1);
  }

  /** Runs `work` in the current unit of work, as its last step. Use it for work that takes a contended lock. */
  beforeCommit(work: () => Promise<void>): void {
    if (!this.database.unit) throw new Error('beforeCommit outside a unit of work');
    this.database.unit.beforeCommit.push(work);
  }

  /** Runs `effect` after the current unit of work has committed. It does not run if the unit rolls back. */
  afterCommit(effect: () => void): void {
    if (!this.database.unit) throw new Error('afterCommit outside a unit of work');
    this.database.unit.afterCommit.push(effect);
  }

  private async attempt<T>(work: () => Promise<T>, count: number): Promise<T> {
    try {
      const { result, afterCommit } = await this.committed(work);
      afterCommit.forEach(quietly);
      return result;
    } catch (error) {
      if (isUnavailable(error))
        throw new DatabaseUnavailableError('connection lost, or no room', { cause: error });
      if (!isConflict(error)) throw error;
      if (count === ATTEMPTS) throw new DatabaseBusyError('deadlock or lock wait', { cause: error });
      await pause(10 + Math.random() * 70);
      return this.attempt(work, count + 1);
    }
  }

  private committed<T>(work: () => Promise<T>): Promise<Done<T>> {
    return this.database.dialect === 'sqlite'
      ? this.groups.run((transaction) => this.execute(transaction, work))
      : this.alone(work);
  }

  private begin(): Promise<Transaction> {
    return Transaction.begin(this.database.writer, this.database.writeWaitMs);
  }

  /** A transaction of its own. */
  private async alone<T>(work: () => Promise<T>): Promise<Done<T>> {
    const transaction = await this.begin();
    try {
      const done = await this.execute(transaction, work);
      await this.commit(transaction);
      return done;
    } catch (error) {
      await transaction.rollback();
      throw error;
    } finally {
      await transaction.release();
    }
  }

  private async execute<T>({ runner, statements }: Transaction, work: () => Promise<T>): Promise<Done<T>> {
    const unit: Unit = {
      isOpen: true,
      runner,
      statements,
      beforeCommit: [],
      afterCommit: [],
      held: new Map(),
    };
    try {
      return await this.database.units.run(unit, async () => {
        const result = await work();
        for (const last of unit.beforeCommit) await last();
        return { result, afterCommit: unit.afterCommit };
      });
    } finally {
      unit.isOpen = false;
    }
  }

  /** A separate member, so that a test does not depend on how fast the machine is. */
  protected get groupLimits(): GroupLimits {
    return { units: 100, ms: 20 };
  }

  /** A separate method, so that a test can make the commit fail. */
  protected async commit({ statements }: Transaction): Promise<void> {
    await statements.execute('COMMIT', []);
  }
}

/** Runs an effect after the commit. An effect that fails is a defect, but it must not make the write look failed. */
function quietly(effect: () => void): void {
  try {
    effect();
  } catch (error) {
    process.emitWarning(`An effect after COMMIT failed: ${(error as Error).name}`);
  }
}
