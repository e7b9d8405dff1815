import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLE = 'health_metrics';

export class TagHealthMetrics1700000000145 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Not by TypeORM: on SQLite it would copy the table.
    await runner.query(`ALTER TABLE ${TABLE} ADD COLUMN tags text NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ${TABLE} DROP COLUMN tags`);
  }
}
