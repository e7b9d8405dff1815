import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { key, longText, ownedBy, text, uuid } from './table-columns.js';

const metricMonthSums = new Table({
  name: 'metric_month_sums',
  columns: [
    uuid('user_id', key),
    text('metric', 64, key),
    text('month', 7, key),
    text('component', 16, key),
    text('basis', 43),
    longText('days'),
  ],
  foreignKeys: [ownedBy('fk_metric_month_sums_user')],
});

export class KeepMonthSums1700000000141 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(metricMonthSums, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(metricMonthSums, true);
  }
}
