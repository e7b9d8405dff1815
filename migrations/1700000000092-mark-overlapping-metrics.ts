import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { integer } from './table-columns.js';

const TABLE = 'health_metrics';
const NAME = 'idx_health_metrics_user_day';
const FIRST = ['user_id', 'metric', 'local_date'];

const before = new TableIndex({
  name: NAME,
  columnNames: [...FIRST, 'measured_at', 'deleted_at', 'canonical_value'],
});
const after = new TableIndex({
  name: NAME,
  columnNames: [...FIRST, 'deleted_at', 'overlaps', 'canonical_value', 'measured_at'],
});

/** Readings of before count as overlapping, which is always right and only slower to sum. */
export class MarkOverlappingMetrics1700000000092 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn(TABLE, new TableColumn(integer('overlaps', { default: 1 }) as never));
    await runner.dropIndex(TABLE, NAME);
    await runner.createIndex(TABLE, after);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex(TABLE, NAME);
    await runner.createIndex(TABLE, before);
    await runner.dropColumn(TABLE, 'overlaps');
  }
}
