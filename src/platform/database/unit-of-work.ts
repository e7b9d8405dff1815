import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { Database, type Unit } from './database.js';
import { DatabaseBusyError, DatabaseUnavailableError, isConflict, isUnavailable } from './errors.js';
import { Mutex } from './mutex.js';
import { Transaction } from './transaction.js';

const ATTEMPTS = 3;
/** A phone waits this long for its turn before it is told to come back. */
const MAX_QUEUE_MS = 5_000;
const MAX_QUEUED = 2_000;

/**
 * Every write goes through here: it commits as a whole or leaves nothing. On SQLite units run one at a time, because
 * TypeORM shares a single connection and interleaved transactions would commit or roll back each other's rows.
 */
@Injectable()
export class UnitOfWork {
  private readonly writers = new Mutex(MAX_QUEUE_MS, MAX_QUEUED);

  constructor(private readonly database: Database) {}

  /**
   * Runs `work` in a transaction; inside a running one it joins that. `work` may run again after a deadlock, so it
   * must have no effect outside the database: those belong in {@link afterCommit}.
   * @throws DatabaseBusyError after three deadlocks or lock waits, DatabaseUnavailableError when the connection is lost.
   */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.database.unit) return work();
    return this.database.dialect === 'sqlite'
      ? this.writers.run(() => this.attempt(work, 1))
      : this.attempt(work, 1);
  }

  /** Runs `work` at the end of the current unit of work, as a part of it: for what takes a lock that many want. */
  beforeCommit(work: () => Promise<void>): void {
    if (!this.database.unit) throw new Error('beforeCommit outside a unit of work');
    this.database.unit.beforeCommit.push(work);
  }

  /** Runs `effect` once the current unit of work has committed, or never. */
  afterCommit(effect: () => void): void {
    if (!this.database.unit) throw new Error('afterCommit outside a unit of work');
    this.database.unit.afterCommit.push(effect);
  }

  private async attempt<T>(work: () => Promise<T>, count: number): Promise<T> {
    try {
      return await this.transaction(work);
    } catch (error) {
      if (isUnavailable(error))
        throw new DatabaseUnavailableError('connection lost, or no room', { cause: error });
      if (!isConflict(error)) throw error;
      if (count === ATTEMPTS) throw new DatabaseBusyError('deadlock or lock wait', { cause: error });
      await pause(10 + Math.random() * 70);
      return this.attempt(work, count + 1);
    }
  }

  private async transaction<T>(work: () => Promise<T>): Promise<T> {
    const transaction = await Transaction.begin(this.database.writer);
    let committed: readonly (() => void)[] = [];
    try {
      const { runner, statements } = transaction;
      const unit: Unit = { runner, statements, beforeCommit: [], afterCommit: [], held: new Map() };
      const result = await this.database.units.run(unit, async () => {
        const done = await work();
        for (const last of unit.beforeCommit) await last();
        return done;
      });
      await this.commit(runner);
      committed = unit.afterCommit;
      return result;
    } catch (error) {
      await transaction.rollback();
      throw error;
    } finally {
      await transaction.release();
      for (const effect of committed) attempt(effect);
    }
  }

  /** The point of no return; a seam, so that a test can refuse it. */
  protected async commit(runner: QueryRunner): Promise<void> {
    await runner.query('COMMIT');
  }
}

/** What is stored is stored: an effect that fails is a defect, and no reason to say otherwise. */
function attempt(effect: () => void): void {
  try {
    effect();
  } catch (error) {
    process.emitWarning(`An effect after COMMIT failed: ${(error as Error).name}`);
  }
}
