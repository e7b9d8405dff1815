import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const outboxMessages = new Table({
  name: 'outbox_messages',
  columns: [
    uuid('id', key),
    uuid('user_id', optional),
    text('topic', 32),
    longText('payload'),
    integer('attempts'),
    instant('created_at'),
    instant('due_at'),
    instant('expires_at'),
    instant('claimed_until', optional),
  ],
  indices: [
    { name: 'idx_outbox_messages_due', columnNames: ['due_at'] },
    { name: 'idx_outbox_messages_user', columnNames: ['user_id'] },
  ],
  foreignKeys: [ownedBy('fk_outbox_messages_user')],
});

export class CreateOutbox1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(outboxMessages, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(outboxMessages, true);
  }
}
