import { randomBytes } from 'node:crypto';
import { type MigrationInterface, type QueryRunner, Table, TableColumn, TableIndex } from 'typeorm';
import { bySeq, recordColumns, zero } from './record-columns.js';
import { bigint, instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const pushes = new Table({
  name: 'sync_pushes',
  columns: [
    uuid('user_id', key),
    text('client_id', 64, key),
    { ...bigint('last_seq'), ...key },
    bigint('first_seq'),
    longText('mutations'),
    instant('created_at'),
  ],
  indices: [{ name: 'idx_sync_pushes_created', columnNames: ['created_at'] }],
  foreignKeys: [ownedBy('fk_sync_pushes_user')],
});

const epochs = new Table({
  name: 'sync_epochs',
  columns: [
    uuid('user_id', key),
    text('epoch', 16, key),
    integer('ordinal'),
    bigint('last_seq'),
    instant('created_at'),
  ],
  foreignKeys: [ownedBy('fk_sync_epochs_user')],
});

const conflicts = new Table({
  name: 'conflicts',
  columns: [
    ...recordColumns,
    text('record_kind', 32),
    uuid('record_id'),
    text('reason', 20),
    integer('base_version', optional),
    { ...longText('winner'), ...optional },
    { ...longText('loser'), ...optional },
    text('status', 10),
    text('resolution', 12, optional),
    instant('resolved_at', optional),
  ],
  indices: [
    bySeq('conflicts'),
    { name: 'idx_conflicts_user_status', columnNames: ['user_id', 'status', 'created_at'] },
  ],
  foreignKeys: [ownedBy('fk_conflicts_user')],
});

const tables = [pushes, epochs, conflicts];

const columns: readonly [string, TableColumn][] = [
  ['weight_entries', new TableColumn({ ...bigint('modified_seq'), ...zero })],
  ['user_sequences', new TableColumn(text('epoch', 16, { default: "''" }))],
  ['user_sequences', new TableColumn({ ...bigint('purged_seq'), ...zero })],
  ['user_sequences', new TableColumn({ ...longText('digests'), ...optional })],
  ['sync_clients', new TableColumn({ ...bigint('last_client_seq'), ...zero })],
  ['sync_clients', new TableColumn(instant('last_seen_at', optional))],
];

const byUser = { name: 'idx_weight_entries_user_id', columnNames: ['user_id'] };

export class CreateSync1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column] of columns) await runner.addColumn(table, column);
    await runner.query(`UPDATE user_sequences SET epoch = '${randomBytes(9).toString('base64url')}'`);
    // The owner comes first in the key: nobody can use or test another person's ids, and the rows of one person are together.
    await setKey(runner, ['user_id', 'id']);
    await runner.createIndex('weight_entries', new TableIndex(bySeq('weight_entries')));
    await runner.dropIndex('weight_entries', byUser.name);
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
    await runner.createIndex('weight_entries', new TableIndex(byUser));
    await runner.dropIndex('weight_entries', bySeq('weight_entries').name ?? '');
    await setKey(runner, ['id']);
    for (const [table, column] of columns.toReversed()) await runner.dropColumn(table, column.name);
  }
}

async function setKey(runner: QueryRunner, names: readonly string[]): Promise<void> {
  if (runner.connection.options.type !== 'better-sqlite3') {
    await runner.query(`ALTER TABLE weight_entries DROP PRIMARY KEY, ADD PRIMARY KEY (${names.join(', ')})`);
    return;
  }
  const owner = (await runner.getTable('weight_entries'))?.findColumnByName('user_id');
  if (!owner) throw new Error('weight_entries is not as it was');
  const changed = owner.clone();
  changed.isPrimary = names.includes('user_id');
  await runner.changeColumn('weight_entries', owner, changed);
}
