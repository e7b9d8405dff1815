import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { optional, text } from './table-columns.js';

const raisedBy = text('raised_by', 36, optional);

/** Null also for sessions that had two factors before this migration: they count as raised by the authenticator app. */
export class AddRaisedBy1700000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('sessions', new TableColumn(raisedBy));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('sessions', raisedBy.name);
  }
}
