import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { double, integer, longText, optional, ownedBy, text } from './table-columns.js';

const recipes = new Table({
  name: 'recipes',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 100),
    longText('part_ids'),
    integer('part_count'),
    text('note', 2_000, optional),
    longText('instructions', optional),
    double('servings'),
    double('yield_g', optional),
    longText('items'),
    integer('item_count'),
    double('energy_kcal', optional),
    integer('energy_known'),
    double('protein_g', optional),
    integer('protein_known'),
    double('carbs_g', optional),
    integer('carbs_known'),
    double('fat_g', optional),
    integer('fat_known'),
    longText('nutrients'),
  ],
  indices: [
    bySeq('recipes'),
    { name: 'idx_recipes_user_created', columnNames: ['user_id', 'deleted_at', 'created_at', 'id'] },
    { name: 'idx_recipes_user_parts', columnNames: ['user_id', 'part_count'] },
  ],
  foreignKeys: [ownedBy('fk_recipes_user')],
});

export class CreateRecipes1700000000211 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(recipes, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(recipes, true);
  }
}
