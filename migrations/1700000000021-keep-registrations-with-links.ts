import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { longText, optional, text } from './table-columns.js';

const columns = [text('password_hash', 255, optional), { ...longText('profile'), ...optional }];

/** Existing links belong to the account that they were mailed for, which is what null means. */
export class KeepRegistrationsWithLinks1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.addColumn('email_tokens', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of columns.toReversed()) await runner.dropColumn('email_tokens', name);
  }
}
