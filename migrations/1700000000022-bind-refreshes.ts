import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { optional, text } from './table-columns.js';

const nonceHash = text('nonce_hash', 43, optional);

/** Null for a session whose last refresh was made without a nonce, as all refreshes before this migration. */
export class BindRefreshes1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('sessions', new TableColumn(nonceHash));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('sessions', nonceHash.name);
  }
}
