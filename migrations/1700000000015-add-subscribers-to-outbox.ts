import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bigint, instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const before = new Table({
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

const after = new Table({
  name: 'outbox_messages',
  columns: [
    uuid('id', key),
    uuid('user_id', optional),
    uuid('owner_id', optional),
    text('topic', 64),
    text('subscriber', 64),
    { ...bigint('position'), ...optional },
    longText('payload'),
    integer('attempts'),
    instant('created_at'),
    instant('due_at'),
    instant('expires_at', optional),
    instant('claimed_until', optional),
    instant('dead_at', optional),
    text('last_error', 100, optional),
  ],
  indices: [
    { name: 'idx_outbox_messages_due', columnNames: ['subscriber', 'dead_at', 'due_at'] },
    { name: 'idx_outbox_messages_order', columnNames: ['owner_id', 'subscriber', 'position'] },
    { name: 'idx_outbox_messages_user', columnNames: ['user_id'] },
    { name: 'idx_outbox_messages_dead', columnNames: ['dead_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_outbox_messages_user')],
});

const shared = [
  'id',
  'user_id',
  'topic',
  'payload',
  'attempts',
  'created_at',
  'due_at',
  'expires_at',
  'claimed_until',
];

/** Each subscriber of an event gets its own message. All messages before this migration are mails. */
export class AddSubscribersToOutbox1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const into = [...shared, 'owner_id', 'subscriber'].join(', ');
    const values = [...shared, 'user_id', `'mail'`].join(', ');
    await replace(runner, before, after, `(${into}) SELECT ${values} FROM outbox_copy`);
  }

  /** The earlier table can store only mails, so other messages are deleted. */
  async down(runner: QueryRunner): Promise<void> {
    const names = shared.join(', ');
    const mails = `SELECT ${names} FROM outbox_copy WHERE subscriber = 'mail' AND dead_at IS NULL`;
    await replace(runner, after, before, `(${names}) ${mails}`);
  }
}

/** SQLite cannot make a column nullable, so the rows are kept in a copy while the table is created again. */
async function replace(runner: QueryRunner, from: Table, to: Table, rows: string): Promise<void> {
  await runner.createTable(
    new Table({ name: 'outbox_copy', columns: from.columns.map((column) => column.clone()) }),
  );
  await runner.query('INSERT INTO outbox_copy SELECT * FROM outbox_messages');
  await runner.dropTable(from, true);
  await runner.createTable(to, true);
  await runner.query(`INSERT INTO outbox_messages ${rows}`);
  await runner.dropTable('outbox_copy');
}
