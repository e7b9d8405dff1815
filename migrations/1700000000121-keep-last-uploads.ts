import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { longText, optional } from './table-columns.js';

const TABLES = ['health_metrics', 'sleep_sessions'];

/** Of records of before it is not known what their source said last: their next upload counts as news. */
export class KeepLastUploads1700000000121 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES)
      await runner.addColumn(table, new TableColumn(longText('uploaded', optional)));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES.toReversed()) await runner.dropColumn(table, 'uploaded');
  }
}
