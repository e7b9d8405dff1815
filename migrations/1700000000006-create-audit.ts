import { type MigrationInterface, type QueryRunner, Table, TableColumn, TableIndex } from 'typeorm';
import { bigint, instant, integer, key, longText, optional, text } from './table-columns.js';

const entries = new Table({
  name: 'audit_entries',
  columns: [
    { ...bigint('seq'), ...key },
    instant('at'),
    text('action', 32),
    text('actor', 32, optional),
    text('subject', 32, optional),
    text('target', 64, optional),
    longText('fields'),
    text('address', 45, optional),
    text('request_id', 64, optional),
    text('hash', 43),
  ],
  indices: ['subject', 'actor', 'action'].map((column) => ({
    name: `idx_audit_entries_${column}`,
    columnNames: [column, 'seq'],
  })),
});

const head = new Table({
  name: 'audit_head',
  columns: [integer('id', key), bigint('seq'), text('hash', 43)],
});

const pseudonym = new TableColumn(text('pseudonym', 32, { default: "''" }));
const byPseudonym = new TableIndex({
  name: 'uq_users_pseudonym',
  columnNames: ['pseudonym'],
  isUnique: true,
});

export class CreateAudit1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(entries, true);
    await runner.createTable(head, true);
    await runner.query("INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')");
    await runner.addColumn('users', pseudonym.clone());
    const isSqlite = runner.connection.options.type === 'better-sqlite3';
    // MariaDB before 10.10 has no RANDOM_BYTES.
    const random = isSqlite ? 'lower(hex(randomblob(16)))' : 'MD5(CONCAT(UUID(), RAND(), RAND()))';
    await runner.query(`UPDATE users SET pseudonym = ${random}`);
    await runner.createIndex('users', byPseudonym);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('users', byPseudonym);
    await runner.dropColumn('users', 'pseudonym');
    await runner.dropTable(head, true);
    await runner.dropTable(entries, true);
  }
}
