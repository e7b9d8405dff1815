import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { instant, key, text } from './table-columns.js';

const lookups = new Table({
  name: 'barcode_lookups',
  columns: [text('barcode', 14, key), instant('next_at')],
  indices: [{ name: 'idx_barcode_lookups_next', columnNames: ['next_at'] }],
});

export class CreateBarcodeLookups1700000000153 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(lookups, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(lookups, true);
  }
}
