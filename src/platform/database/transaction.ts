import { setTimeout as pause } from 'node:timers/promises';
import type { Database as SqliteHandle } from 'better-sqlite3';
import type { PoolConnection } from 'mysql2';
import type { DataSource, QueryRunner } from 'typeorm';
import { databaseCode } from './errors.js';
import { type Statements, statementsOn } from './statements.js';

/**
 * One transaction on the connection of one query runner. It asks the database whether a transaction is open, and not
 * TypeORM, because SQLite may roll back by itself after a COMMIT that failed. TypeORM would still believe that the transaction is
 * open, and would turn all later transactions into savepoints, which are acknowledged but never committed.
 */
export class Transaction {
  /** TypeORM's own transaction methods. They are put back when this transaction ends. */
  private readonly own: Own;

  private constructor(
    readonly runner: QueryRunner,
    private readonly connection: SqliteHandle | PoolConnection,
    private readonly lockWaitMs: number,
  ) {
    const { startTransaction, commitTransaction, rollbackTransaction } = runner;
    this.own = { startTransaction, commitTransaction, rollbackTransaction };
  }

  /**
   * Begins a transaction on a connection that has no other transaction open.
   * @param lockWaitMs how long to wait for SQLite's write lock. On MySQL the session says how long a statement waits.
   * @throws when no connection is free, or when the connection's last transaction cannot be ended.
   */
  static async begin(source: DataSource, lockWaitMs: number): Promise<Transaction> {
    const runner = source.createQueryRunner();
    const connection = (await runner.connect()) as SqliteHandle | PoolConnection;
    const transaction = new Transaction(runner, connection, lockWaitMs);
    try {
      await transaction.open();
    } catch (error) {
      await transaction.rollback();
      await transaction.release();
      throw error;
    }
    return transaction;
  }

  get statements(): Statements {
    return statementsOn(this.connection);
  }

  /** Rolls back what has not been committed. Never throws. */
  async rollback(): Promise<void> {
    try {
      if (!isSqlite(this.connection) || this.connection.inTransaction) await this.runner.query('ROLLBACK');
    } catch {
      // A MySQL server rolls back when the connection closes. SQLite has only one connection: the next begin checks it.
      if (!isSqlite(this.connection)) this.connection.destroy();
    }
  }

  /** Begins a part that can be rolled back alone. */
  async mark(): Promise<void> {
    await this.statements.execute('SAVEPOINT unit', []);
  }

  /** Ends that part, and keeps what it wrote. */
  async unmark(): Promise<void> {
    await this.statements.execute('RELEASE SAVEPOINT unit', []);
  }

  /** Ends that part, and rolls back what it wrote. @returns false when the transaction no longer exists. */
  async rollbackToMark(): Promise<boolean> {
    try {
      await this.statements.execute('ROLLBACK TO SAVEPOINT unit', []);
      await this.unmark();
      return true;
    } catch {
      return false;
    }
  }

  /** Gives the connection back, after the transaction was committed or rolled back. */
  async release(): Promise<void> {
    this.tell(false);
    // SQLite's single runner is shared, not pooled.
    if (!isSqlite(this.connection)) await this.runner.release();
  }

  /**
   * Why IMMEDIATE: it takes the write lock at the start, and waits for it. A deferred transaction that reads first fails
   * at its first write with SQLITE_BUSY_SNAPSHOT, without waiting, if another process wrote in between.
   */
  private async open(): Promise<void> {
    if (!isSqlite(this.connection)) await this.statements.execute('START TRANSACTION', []);
    else {
      if (this.connection.inTransaction) await this.runner.query('ROLLBACK');
      await this.takeWriteLock();
    }
    this.tell(true);
  }

  /**
   * Another connection to the file holds the lock across events while its units share a COMMIT. If that connection belongs
   * to this process, it cannot release the lock while this thread is blocked.
   */
  private async takeWriteLock(): Promise<void> {
    const end = performance.now() + this.lockWaitMs;
    for (;;)
      try {
        await this.statements.execute('BEGIN IMMEDIATE', []);
        return;
      } catch (error) {
        if (databaseCode(error) !== 'SQLITE_BUSY' || performance.now() >= end) throw error;
        await pause(1 + Math.random() * 4);
      }
  }

  /**
   * Marks the transaction as open or closed in TypeORM. While it is open, TypeORM starts no transaction around its own
   * calls: on MySQL that would commit this one. Explicit calls that start or end a transaction are refused, because only
   * the unit of work ends its transaction.
   */
  private tell(isOpen: boolean): void {
    const own = isOpen ? refused : this.own;
    Object.assign(this.runner, { isTransactionActive: isOpen, ...own });
  }
}

type Own = Pick<QueryRunner, 'startTransaction' | 'commitTransaction' | 'rollbackTransaction'>;

const refuse = (): Promise<never> => Promise.reject(new Error('A transaction inside a unit of work'));
const refused: Own = { startTransaction: refuse, commitTransaction: refuse, rollbackTransaction: refuse };

const isSqlite = (connection: SqliteHandle | PoolConnection): connection is SqliteHandle =>
  'inTransaction' in connection;
