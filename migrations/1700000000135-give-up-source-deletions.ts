import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { integer, optional, text } from './table-columns.js';

const TABLE = 'source_deletions';

const columns = [integer('proven_attempt', { default: 0 }), text('failure', 32, optional)];

/** A deletion that does not proceed is given up. */
export class GiveUpSourceDeletions1700000000135 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.addColumn(TABLE, new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of columns.toReversed()) await runner.dropColumn(TABLE, name);
  }
}
