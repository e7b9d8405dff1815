import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { day, double, instant, integer, key, optional, ownedBy, text, uuid } from './table-columns.js';

const marks = new Table({
  name: 'goal_marks',
  columns: [
    uuid('user_id', key),
    uuid('goal_id', key),
    day('stale_from', optional),
    day('stale_to', optional),
    integer('marks'),
    text('basis', 43),
    day('kept_to', optional),
  ],
  foreignKeys: [ownedBy('fk_goal_marks_user')],
});

const periods = new Table({
  name: 'goal_periods',
  columns: [
    uuid('user_id', key),
    uuid('goal_id', key),
    day('start_on', key),
    day('end_on'),
    day('counted_to'),
    double('value', optional),
    integer('is_partial'),
    integer('known', optional),
    integer('total', optional),
    text('status', 8),
    instant('met_at', optional),
  ],
  foreignKeys: [ownedBy('fk_goal_periods_user')],
});

const jobs = new Table({
  name: 'goal_jobs',
  columns: [
    uuid('user_id', key),
    instant('due_at', optional),
    integer('attempts'),
    instant('claimed_until', optional),
  ],
  indices: [{ name: 'idx_goal_jobs_due', columnNames: ['due_at'] }],
  foreignKeys: [ownedBy('fk_goal_jobs_user')],
});

export class KeepGoalPeriods1700000000231 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [marks, periods, jobs]) await runner.createTable(table, true);
    await runner.query(
      `INSERT INTO goal_marks (user_id, goal_id, stale_from, stale_to, marks, basis, kept_to)
       SELECT user_id, id, '0001-01-01', '9999-12-31', 0, '', NULL FROM goals WHERE deleted_at IS NULL`,
    );
    await runner.query(
      `INSERT INTO goal_jobs (user_id, due_at, attempts, claimed_until)
       SELECT DISTINCT user_id, '2026-01-01 00:00:00.000', 0, NULL FROM goals WHERE deleted_at IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [jobs, periods, marks]) await runner.dropTable(table, true);
  }
}
