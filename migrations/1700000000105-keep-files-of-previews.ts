import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { instant, longText, optional } from './table-columns.js';

const columns = [instant('file_until', optional), longText('undecided', optional)];
const byFile = new TableIndex({ name: 'idx_imports_file_until', columnNames: ['file_until'] });

export class KeepFilesOfPreviews1700000000105 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.addColumn('imports', new TableColumn(column));
    await runner.createIndex('imports', byFile);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('imports', byFile);
    for (const { name } of columns.toReversed()) await runner.dropColumn('imports', name);
  }
}
