import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { instant, integer, optional, text } from './table-columns.js';

const columns = [
  { table: 'users', column: text('role', 8, { default: "'user'" }) },
  { table: 'users', column: instant('disabled_at', optional) },
  { table: 'sessions', column: integer('aal', { default: '1' }) },
];

export class AddRoles1700000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { table, column } of columns) await runner.addColumn(table, new TableColumn(column));
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { table, column } of columns.toReversed()) await runner.dropColumn(table, column.name);
  }
}
