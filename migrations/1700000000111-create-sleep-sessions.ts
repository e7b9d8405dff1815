import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { day, double, instant, integer, longText, optional, ownedBy, text } from './table-columns.js';

const sleepSessions = new Table({
  name: 'sleep_sessions',
  columns: [
    ...recordColumns,
    longText('clocks'),
    instant('started_at', optional),
    instant('ended_at', optional),
    day('date', optional),
    text('time_zone', 64),
    integer('is_nap'),
    integer('minutes_asleep', optional),
    integer('minutes_in_bed', optional),
    longText('stages', optional),
    text('source', 64),
    text('external_id', 200, optional),
    double('score', optional),
    double('average_heart_rate', optional),
    double('average_hrv_ms', optional),
    double('average_oxygen_saturation', optional),
    double('average_respiratory_rate', optional),
    text('device', 100, optional),
    text('note', 1_000, optional),
    day('local_date'),
    instant('sorted_at'),
    ...['asleep', 'in_bed', 'awake', 'light', 'deep', 'rem'].map((what) =>
      integer(`${what}_seconds`, optional),
    ),
  ],
  indices: [
    bySeq('sleep_sessions'),
    { name: 'idx_sleep_sessions_user_sorted', columnNames: ['user_id', 'sorted_at', 'id'] },
    {
      name: 'idx_sleep_sessions_user_source',
      columnNames: ['user_id', 'source', 'sorted_at', 'id'],
    },
    { name: 'idx_sleep_sessions_user_day', columnNames: ['user_id', 'local_date', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_sleep_sessions_user')],
});

export class CreateSleepSessions1700000000111 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(sleepSessions, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(sleepSessions, true);
  }
}
