import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant, integer, key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const sourceDeletions = new Table({
  name: 'source_deletions',
  columns: [
    uuid('user_id', key),
    uuid('id', key),
    text('source', 64),
    text('status', 16),
    integer('attempts'),
    instant('claimed_until', optional),
    instant('stored_before'),
    longText('counts'),
    integer('records_deleted'),
    integer('records_restored'),
    instant('last_stamp', optional),
    instant('restored_stamp', optional),
    instant('created_at'),
    instant('updated_at'),
    instant('finished_at', optional),
  ],
  indices: [
    { name: 'idx_source_deletions_user_created', columnNames: ['user_id', 'created_at', 'id'] },
    { name: 'idx_source_deletions_status', columnNames: ['status', 'finished_at'] },
  ],
  foreignKeys: [ownedBy('fk_source_deletions_user')],
});

export class CreateSourceDeletions1700000000133 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(sourceDeletions, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(sourceDeletions, true);
  }
}
