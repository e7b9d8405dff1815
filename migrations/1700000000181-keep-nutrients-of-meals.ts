import { type MigrationInterface, type QueryRunner, TableColumn } from 'typeorm';
import { longText, optional } from './table-columns.js';

/** Meals that are stored already say nothing about other nutrients, so they need no value. */
export class KeepNutrientsOfMeals1700000000181 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('meals', new TableColumn(longText('nutrient_sums', optional)));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('meals', 'nutrient_sums');
  }
}
