import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const readings = new TableIndex({
  name: 'idx_health_metrics_user_source_live',
  columnNames: ['user_id', 'source', 'deleted_at', 'metric', 'measured_at', 'id'],
});
const name = 'idx_sleep_sessions_user_source';
const before = new TableIndex({ name, columnNames: ['user_id', 'source', 'sorted_at', 'id'] });
const after = new TableIndex({ name, columnNames: ['user_id', 'source', 'deleted_at', 'sorted_at', 'id'] });

/** The records of a source are found without its tombstones, which may be a million. */
export class FindRecordsOfSources1700000000132 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('health_metrics', readings);
    await runner.dropIndex('sleep_sessions', name);
    await runner.createIndex('sleep_sessions', after);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('sleep_sessions', name);
    await runner.createIndex('sleep_sessions', before);
    await runner.dropIndex('health_metrics', readings.name as string);
  }
}
