import type { DataSource } from 'typeorm';
import { Transaction } from './transaction.js';

/** How long an instance waits until another instance has finished its migrations. */
const LOCK_SECONDS = 120;

/**
 * Brings the schema up to date. When several instances start together, one migrates; the others wait and then find nothing
 * to do.
 * @returns the names of the migrations that ran.
 */
export function migrate(dataSource: DataSource): Promise<string[]> {
  return locked(dataSource, async () => {
    const done = await dataSource.runMigrations({ transaction: 'none' });
    return done.map(({ name }) => name);
  });
}

/** Reverts the newest migration. */
export function revert(dataSource: DataSource): Promise<void> {
  return locked(dataSource, () => dataSource.undoLastMigration({ transaction: 'none' }));
}

/** The statements that would make the schema equal to the entities. Empty when they agree. */
export async function drift(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

/**
 * Runs `work` on one instance at a time. MySQL needs a named lock, because DDL commits implicitly. On SQLite DDL is
 * transactional, so all migrations run in one transaction, and the file lock is enough.
 */
function locked<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  return dataSource.options.type === 'better-sqlite3'
    ? oneTransaction(dataSource, work)
    : namedLock(dataSource, work);
}

async function namedLock<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const name = `hale:${dataSource.driver.database}`.slice(0, 64);
  try {
    const rows: { taken: unknown }[] = await runner.query('SELECT GET_LOCK(?, ?) AS taken', [
      name,
      LOCK_SECONDS,
    ]);
    if (Number(rows[0]?.taken) !== 1) throw new Error('Another instance is still migrating the database');
    return await work();
  } finally {
    await runner.query('SELECT RELEASE_LOCK(?)', [name]);
    await runner.release();
  }
}

async function oneTransaction<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  // Rebuilding a table drops it. With foreign keys on, that would delete the rows that refer to it.
  await dataSource.query('PRAGMA foreign_keys = OFF');
  const transaction = await Transaction.begin(dataSource, LOCK_SECONDS * 1_000);
  try {
    const result = await work();
    const orphans: unknown[] = await dataSource.query('PRAGMA foreign_key_check');
    if (orphans.length > 0) throw new Error('A migration left rows whose parent row does not exist');
    await transaction.runner.query('COMMIT');
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  } finally {
    await transaction.release();
    await dataSource.query('PRAGMA foreign_keys = ON');
  }
}
