import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { integer, longText, optional, ownedBy, text } from './table-columns.js';

const mealTypes = new Table({
  name: 'meal_types',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 100),
    text('default_time', 5, optional),
    integer('position', optional),
    integer('is_hidden', optional),
  ],
  indices: [
    bySeq('meal_types'),
    { name: 'idx_meal_types_user_created', columnNames: ['user_id', 'deleted_at', 'created_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_meal_types_user')],
});

export class CreateMealTypes1700000000221 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(mealTypes, true);
    // Not by TypeORM: on SQLite it would copy the table.
    await runner.query('ALTER TABLE meals ADD COLUMN meal_type_id varchar(36) NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE meals DROP COLUMN meal_type_id');
    await runner.dropTable(mealTypes, true);
  }
}
