import { UnitOfWork } from '../../../../src/platform/database/unit-of-work.js';
import { EpochsService } from '../../../../src/modules/sync/pull/epochs.service.js';
import type { TestApp } from '../../../../test/support/app.js';

const NOT_RESTORED = new Set(['users', 'sessions', 'idempotency_keys']);

/** Backs up all data of a person except the account. @returns what restores it, as a service does that lost the later changes */
export async function backup(app: TestApp, userId: string): Promise<() => Promise<void>> {
  const tables = app.db.writer.entityMetadatas
    .filter(({ columns }) => columns.some(({ databaseName }) => databaseName === 'user_id'))
    .map(({ tableName }) => tableName)
    .filter((name) => !NOT_RESTORED.has(name));
  const run = (...statements: string[]): Promise<void> =>
    app.app.get(UnitOfWork).run(async () => {
      for (const sql of statements) await app.db.execute(sql);
    });
  const name = (table: string): string => `copy_of_${table}`;
  const where = `WHERE user_id = '${userId}'`;
  await run(...tables.map((table) => `CREATE TABLE ${name(table)} AS SELECT * FROM ${table} ${where}`));
  return async () => {
    await run(
      ...tables.flatMap((table) => [
        `DELETE FROM ${table} ${where}`,
        `INSERT INTO ${table} SELECT * FROM ${name(table)}`,
        `DROP TABLE ${name(table)}`,
      ]),
    );
    await app.app.get(EpochsService).beginForAll();
  };
}
