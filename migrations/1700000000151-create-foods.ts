import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { double, longText, optional, ownedBy, text } from './table-columns.js';

const foods = new Table({
  name: 'foods',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 200),
    text('brand', 100, optional),
    text('barcode', 14, optional),
    text('basis', 16),
    longText('nutrients'),
    longText('servings'),
    text('category', 100, optional),
    text('language', 16, optional),
    text('source', 64, optional),
    text('source_ref', 200, optional),
    text('source_licence', 100, optional),
    double('energy_kcal', optional),
    text('search_text', 400),
  ],
  indices: [
    bySeq('foods'),
    { name: 'idx_foods_user_created', columnNames: ['user_id', 'deleted_at', 'created_at', 'id'] },
    { name: 'idx_foods_user_barcode', columnNames: ['user_id', 'barcode'] },
    { name: 'idx_foods_user_search', columnNames: ['user_id', 'deleted_at', 'search_text', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_foods_user')],
});

export class CreateFoods1700000000151 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(foods, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(foods, true);
  }
}
