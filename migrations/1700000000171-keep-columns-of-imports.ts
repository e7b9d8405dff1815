import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { longText, optional } from './table-columns.js';

export class KeepColumnsOfImports1700000000171 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('imports', new TableColumn(longText('columns', optional)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('imports', 'columns');
  }
}
