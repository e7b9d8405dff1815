import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const TABLE = 'health_metrics';

/** For the list of one source, of all kinds. */
const index = new TableIndex({
  name: 'idx_health_metrics_user_sources',
  columnNames: ['user_id', 'source', 'measured_at', 'id'],
});

export class ListMetricsBySource1700000000123 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex(TABLE, index);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(TABLE, index);
  }
}
