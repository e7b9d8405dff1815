import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { longText, optional, ownedBy, text } from './table-columns.js';

const mealPlans = new Table({
  name: 'meal_plans',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 200),
    text('note', 2_000, optional),
    longText('meals'),
  ],
  indices: [
    bySeq('meal_plans'),
    { name: 'idx_meal_plans_user_created', columnNames: ['user_id', 'deleted_at', 'created_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_meal_plans_user')],
});

export class CreateMealPlans1700000000223 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(mealPlans, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(mealPlans, true);
  }
}
