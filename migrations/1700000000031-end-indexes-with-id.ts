import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

/** The indexes that serve lists: their name, table and columns. */
const LISTS: readonly [name: string, table: string, columns: readonly string[]][] = [
  ['idx_meals_user_eaten', 'meals', ['user_id', 'eaten_at']],
  ['idx_conflicts_user_status', 'conflicts', ['user_id', 'status', 'created_at']],
];

const ADDED: readonly [table: string, index: TableIndex][] = [
  [
    'conflicts',
    new TableIndex({ name: 'idx_conflicts_user_created', columnNames: ['user_id', 'created_at', 'id'] }),
  ],
  [
    'grants',
    new TableIndex({ name: 'idx_grants_grantee_created', columnNames: ['grantee_id', 'created_at', 'id'] }),
  ],
];

/** A page starts after an instant and an id, so the index of a list ends with the id. */
export class EndIndexesWithId1700000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, table, columns] of LISTS) await replace(runner, table, name, [...columns, 'id']);
    for (const [table, index] of ADDED) await runner.createIndex(table, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, { name }] of ADDED) await runner.dropIndex(table, String(name));
    for (const [name, table, columns] of LISTS) await replace(runner, table, name, columns);
  }
}

async function replace(
  runner: QueryRunner,
  table: string,
  name: string,
  columns: readonly string[],
): Promise<void> {
  await runner.dropIndex(table, name);
  await runner.createIndex(table, new TableIndex({ name, columnNames: [...columns] }));
}
