import { type MigrationInterface, type QueryRunner, Table, TableColumn } from 'typeorm';
import { instant, integer, key, optional, text } from './table-columns.js';

/** Null for one event, as in all entries before this migration: they keep their hash. */
const times = integer('times', optional);

const refusals = new Table({
  name: 'audit_refusals',
  columns: [
    text('id', 43, key),
    text('action', 32),
    text('actor', 32, optional),
    text('subject', 32, optional),
    text('target', 64, optional),
    integer('times'),
    instant('ends_at'),
  ],
  indices: [{ name: 'idx_audit_refusals_end', columnNames: ['ends_at'] }],
});

export class CountRefusals1700000000052 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('audit_entries', new TableColumn(times));
    await runner.createTable(refusals, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(refusals, true);
    await runner.dropColumn('audit_entries', times.name);
  }
}
