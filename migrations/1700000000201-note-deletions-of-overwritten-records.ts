import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { optional, text } from './table-columns.js';

export class NoteDeletionsOfOverwrittenRecords1700000000201 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('import_overwritten', new TableColumn(text('under', 64, optional)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('import_overwritten', 'under');
  }
}
