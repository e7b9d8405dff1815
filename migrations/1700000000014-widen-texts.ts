import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The answer to a push, and what became of its mutations, may be larger than the 64 KiB of MySQL's TEXT. */
const columns = [
  { table: 'idempotency_keys', column: 'body' },
  { table: 'sync_pushes', column: 'mutations' },
];

export class WidenTexts1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await change(runner, 'MEDIUMTEXT');
  }

  /** The database refuses it while a row is too large for the way back. */
  async down(runner: QueryRunner): Promise<void> {
    await change(runner, 'TEXT');
  }
}

/** TypeORM would drop the column and add another. SQLite's one type of text has no such bound. */
async function change(runner: QueryRunner, type: string): Promise<void> {
  if (runner.connection.options.type === 'better-sqlite3') return;
  for (const { table, column } of columns)
    await runner.query(`ALTER TABLE ${table} MODIFY COLUMN ${column} ${type} NOT NULL`);
}
