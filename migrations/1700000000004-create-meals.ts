import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { double, instant, integer, longText, optional, ownedBy, text } from './table-columns.js';

const meals = new Table({
  name: 'meals',
  columns: [
    ...recordColumns,
    longText('clocks'),
    instant('eaten_at'),
    text('time_zone', 64),
    { name: 'local_date', type: 'date' },
    text('meal_type', 16),
    text('title', 200, optional),
    text('note', 2_000, optional),
    longText('items'),
    integer('item_count'),
    ...['energy', 'protein', 'carbs', 'fat'].flatMap((nutrient) => [
      { ...double(nutrient === 'energy' ? 'energy_kcal' : `${nutrient}_g`), ...optional },
      integer(`${nutrient}_known`),
    ]),
  ],
  indices: [
    bySeq('meals'),
    { name: 'idx_meals_user_eaten', columnNames: ['user_id', 'eaten_at'] },
    { name: 'idx_meals_user_day', columnNames: ['user_id', 'local_date'] },
  ],
  foreignKeys: [ownedBy('fk_meals_user')],
});

export class CreateMeals1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(meals, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(meals, true);
  }
}
