import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { optional, text } from './table-columns.js';

const columns = [text('push_service', 8, optional), text('push_token', 512, optional)];

export class AddPushTokens1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.addColumn('sessions', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of columns.toReversed()) await runner.dropColumn('sessions', name);
  }
}
