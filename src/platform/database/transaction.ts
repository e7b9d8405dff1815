import type { Database as SqliteHandle } from 'better-sqlite3';
import type { PoolConnection } from 'mysql2';
import type { DataSource, QueryRunner } from 'typeorm';
import { type Statements, statementsOn } from './statements.js';

/**
 * One transaction, on the connection of one query runner. Whether it is open is asked of the database, never of
 * TypeORM: after a COMMIT that failed SQLite may have rolled back by itself, and who still believes in the transaction
 * makes savepoints of all that follows, which are acknowledged and never committed.
 */
export class Transaction {
  private constructor(
    readonly runner: QueryRunner,
    private readonly connection: SqliteHandle | PoolConnection,
  ) {}

  /** On a connection that has no other open. @throws when there is none, or its last transaction cannot be ended. */
  static async begin(source: DataSource): Promise<Transaction> {
    const runner = source.createQueryRunner();
    const connection = (await runner.connect()) as SqliteHandle | PoolConnection;
    const transaction = new Transaction(runner, connection);
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

  /** Takes back whatever has not been committed. */
  async rollback(): Promise<void> {
    try {
      if (!isSqlite(this.connection) || this.connection.inTransaction) await this.runner.query('ROLLBACK');
    } catch {
      // The server rolls back what a closed connection leaves. SQLite's only one stays, and is asked at the next begin.
      if (!isSqlite(this.connection)) this.connection.destroy();
    }
  }

  /** Gives the connection back, once the transaction was committed or rolled back. */
  async release(): Promise<void> {
    this.tell(false);
    // SQLite's single runner is shared, not pooled.
    if (!isSqlite(this.connection)) await this.runner.release();
  }

  /**
   * IMMEDIATE: a deferred transaction that has read first cannot become a writer when another process wrote in between
   * (SQLITE_BUSY_SNAPSHOT, without waiting). This takes the write lock at once, and waits for it.
   */
  private async open(): Promise<void> {
    if (!isSqlite(this.connection)) await this.runner.query('START TRANSACTION');
    else {
      if (this.connection.inTransaction) await this.runner.query('ROLLBACK');
      await this.runner.query('BEGIN IMMEDIATE');
    }
    this.tell(true);
  }

  /** TypeORM would wrap some of its calls in a transaction of its own, which on MySQL commits this one. */
  private tell(isOpen: boolean): void {
    Object.assign(this.runner, { isTransactionActive: isOpen, transactionDepth: isOpen ? 1 : 0 });
  }
}

const isSqlite = (connection: SqliteHandle | PoolConnection): connection is SqliteHandle =>
  'inTransaction' in connection;
