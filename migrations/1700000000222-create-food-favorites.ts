import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { ownedBy, uuid } from './table-columns.js';

const foodFavorites = new Table({
  name: 'food_favorites',
  columns: [...recordColumns, uuid('food_id')],
  indices: [
    bySeq('food_favorites'),
    { name: 'idx_food_favorites_user_created', columnNames: ['user_id', 'deleted_at', 'created_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_food_favorites_user')],
});

export class CreateFoodFavorites1700000000222 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(foodFavorites, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(foodFavorites, true);
  }
}
