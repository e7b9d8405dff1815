import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

/** A table, an index of it, and its columns before and after; undefined where there is none. */
type Change = readonly [table: string, name: string, before?: string, after?: string];

const changes: readonly Change[] = [
  [
    'health_metrics',
    'idx_health_metrics_user_measured',
    'user_id,measured_at,id,metric',
    'user_id,deleted_at,measured_at,id,metric',
  ],
  [
    'health_metrics',
    'idx_health_metrics_user_metric',
    'user_id,metric,measured_at,id',
    'user_id,metric,deleted_at,measured_at,id',
  ],
  [
    'health_metrics',
    'idx_health_metrics_user_sources',
    'user_id,source,measured_at,id',
    'user_id,source,deleted_at,measured_at,id',
  ],
  ['health_metrics', 'idx_health_metrics_user_source', 'user_id,source,metric,measured_at,id'],
  [
    'sleep_sessions',
    'idx_sleep_sessions_user_sorted',
    'user_id,sorted_at,id',
    'user_id,deleted_at,sorted_at,id',
  ],
  ['meals', 'idx_meals_user_eaten', 'user_id,eaten_at,id', 'user_id,deleted_at,eaten_at,id'],
  ['weight_entries', 'idx_weight_entries_user_live', undefined, 'user_id,deleted_at,timestamp,id'],
];

/** Lists, the newest first, are read without tombstones, which may be a million after a source was deleted. */
export class ListLiveRecords1700000000136 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, name, before, after] of changes) await replace(runner, table, name, before, after);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, name, before, after] of changes.toReversed())
      await replace(runner, table, name, after, before);
  }
}

async function replace(runner: QueryRunner, table: string, name: string, from?: string, to?: string) {
  if (from) await runner.dropIndex(table, name);
  if (to) await runner.createIndex(table, new TableIndex({ name, columnNames: to.split(',') }));
}
