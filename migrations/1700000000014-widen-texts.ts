import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The answer to a push, and the results of its mutations, may be larger than the 64 KiB of MySQL's TEXT. */
const columns = [
  { table: 'idempotency_keys', column: 'body' },
  { table: 'sync_pushes', column: 'mutations' },
];

export class WidenTexts1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await change(runner, 'MEDIUMTEXT');
  }

  /** The database refuses this while a row is too large for the smaller type. */
  async down(runner: QueryRunner): Promise<void> {
    await change(runner, 'TEXT');
  }
}

/** Raw SQL, because TypeORM would drop the column and add a new one. SQLite's only text type has no such limit. */
async function change(runner: QueryRunner, type: string): Promise<void> {
  if (runner.connection.options.type === 'better-sqlite3') return;
  for (const { table, column } of columns)
    await runner.query(`ALTER TABLE ${table} MODIFY COLUMN ${column} ${type} NOT NULL`);
}
