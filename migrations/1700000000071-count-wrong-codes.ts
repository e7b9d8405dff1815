import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { instant, integer, optional } from './table-columns.js';

const none = { default: 0 } as const;

const columns = [
  integer('strange_failures', none),
  integer('known_failures', none),
  instant('warned_at', optional),
  instant('eased_at', optional),
];

/** Existing factors begin without a wrong code. */
export class CountWrongCodes1700000000071 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.addColumn('totp_secrets', new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of columns.toReversed()) await runner.dropColumn('totp_secrets', name);
  }
}
