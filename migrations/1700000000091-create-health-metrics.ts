import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import {
  day,
  double,
  instant,
  integer,
  longText,
  optional,
  ownedBy,
  quantity,
  text,
} from './table-columns.js';

const healthMetrics = new Table({
  name: 'health_metrics',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('metric', 64),
    double('value', optional),
    text('unit', 32),
    longText('components', optional),
    instant('measured_at'),
    instant('ended_at', optional),
    text('time_zone', 64),
    text('context', 32, optional),
    text('source', 64),
    text('external_id', 200, optional),
    text('device', 100, optional),
    text('modality', 16, optional),
    text('note', 1_000, optional),
    day('local_date'),
    integer('local_hour'),
    integer('utc_offset_min'),
    quantity('canonical_value', optional),
    quantity('systolic_mmhg', optional),
    quantity('diastolic_mmhg', optional),
    quantity('pulse_per_min', optional),
    text('flags', 64),
  ],
  indices: [
    bySeq('health_metrics'),
    { name: 'idx_health_metrics_user_measured', columnNames: ['user_id', 'measured_at', 'id', 'metric'] },
    { name: 'idx_health_metrics_user_metric', columnNames: ['user_id', 'metric', 'measured_at', 'id'] },
    {
      name: 'idx_health_metrics_user_source',
      columnNames: ['user_id', 'source', 'metric', 'measured_at', 'id'],
    },
    {
      name: 'idx_health_metrics_user_day',
      columnNames: ['user_id', 'metric', 'local_date', 'measured_at', 'deleted_at', 'canonical_value'],
    },
  ],
  foreignKeys: [ownedBy('fk_health_metrics_user')],
});

const customMetrics = new Table({
  name: 'custom_metrics',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 64),
    text('unit', 32),
    text('roll_up', 16),
    longText('value_range', optional),
  ],
  indices: [
    bySeq('custom_metrics'),
    { name: 'idx_custom_metrics_user_created', columnNames: ['user_id', 'created_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_custom_metrics_user')],
});

export class CreateHealthMetrics1700000000091 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(healthMetrics, true);
    await runner.createTable(customMetrics, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(customMetrics, true);
    await runner.dropTable(healthMetrics, true);
  }
}
