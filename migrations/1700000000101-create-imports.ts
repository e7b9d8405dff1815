import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bigint, instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const counts = [
  'rows_read',
  'rows_failed',
  'rows_skipped',
  'records_created',
  'records_updated',
  'records_unchanged',
  'records_kept',
  'records_taken_back',
  'records_left',
];

const imports = new Table({
  name: 'imports',
  columns: [
    uuid('user_id', key),
    uuid('id', key),
    text('status', 16),
    integer('slot', optional),
    integer('attempts'),
    instant('claimed_until', optional),
    text('format', 32),
    text('file_name', 255, optional),
    bigint('file_size'),
    text('time_zone', 64),
    integer('dry_run'),
    text('on_changed', 8),
    longText('mapping', optional),
    ...counts.map((name) => integer(name)),
    longText('errors'),
    longText('preview'),
    text('failure', 32, optional),
    text('failure_detail', 500, optional),
    instant('created_at'),
    instant('updated_at'),
    instant('finished_at', optional),
  ],
  indices: [
    { name: 'idx_imports_user_created', columnNames: ['user_id', 'created_at', 'id'] },
    { name: 'uq_imports_slot', columnNames: ['slot'], isUnique: true },
    { name: 'idx_imports_finished', columnNames: ['finished_at'] },
  ],
  foreignKeys: [ownedBy('fk_imports_user')],
});

const steps = new Table({
  name: 'import_steps',
  columns: [uuid('user_id', key), uuid('import_id', key), integer('step', key), longText('changes')],
  foreignKeys: [ownedBy('fk_import_steps_user')],
});

export class CreateImports1700000000101 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(imports, true);
    await runner.createTable(steps, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(steps, true);
    await runner.dropTable(imports, true);
  }
}
