import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { longText, optional } from './table-columns.js';

const digestCount = { ...longText('digest_count'), ...optional };

export class AddDigestCount1700000000042 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('user_sequences', new TableColumn(digestCount));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('user_sequences', digestCount.name);
  }
}
