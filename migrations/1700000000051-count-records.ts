import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { longText, optional } from './table-columns.js';

const counts = { ...longText('record_counts'), ...optional };

/** Null for the owners that exist: their records are counted by the next change. */
export class CountRecords1700000000051 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('user_sequences', new TableColumn(counts));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('user_sequences', counts.name);
  }
}
