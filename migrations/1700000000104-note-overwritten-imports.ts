import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { key, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const overwritten = new Table({
  name: 'import_overwritten',
  columns: [
    uuid('user_id', key),
    uuid('record_id', key),
    uuid('import_id', key),
    longText('earlier', optional),
    text('writer', 64, optional),
  ],
  indices: [
    { name: 'idx_import_overwritten_user_import', columnNames: ['user_id', 'import_id', 'record_id'] },
  ],
  foreignKeys: [ownedBy('fk_import_overwritten_user')],
});

export class NoteOverwrittenImports1700000000104 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(overwritten, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(overwritten, true);
  }
}
