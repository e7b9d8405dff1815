import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { instant, key, optional, ownedBy, text, uuid } from './table-columns.js';

const tokens = new Table({
  name: 'email_tokens',
  columns: [
    text('token_hash', 43, key),
    uuid('user_id'),
    text('purpose', 8),
    text('email', 254),
    uuid('session_id', optional),
    instant('created_at'),
    instant('expires_at'),
  ],
  indices: [{ name: 'idx_email_tokens_user_purpose', columnNames: ['user_id', 'purpose'] }],
  foreignKeys: [ownedBy('fk_email_tokens_user')],
});

const verified = instant('email_verified_at', optional);

export class CreateEmailTokens1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('users', new TableColumn(verified));
    await runner.createTable(tokens, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(tokens, true);
    await runner.dropColumn('users', verified.name);
  }
}
