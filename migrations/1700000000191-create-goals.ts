import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { day, double, integer, longText, optional, ownedBy, text } from './table-columns.js';

const goals = new Table({
  name: 'goals',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 200),
    text('subject', 64),
    text('direction', 16),
    double('target_min', optional),
    double('target_max', optional),
    double('start_value', optional),
    text('unit', 32),
    text('period', 8),
    longText('weekdays', optional),
    day('start_on'),
    day('due_on', optional),
    integer('allowed_misses', optional),
    text('note', 1_000, optional),
    integer('is_archived', optional),
  ],
  indices: [
    bySeq('goals'),
    { name: 'idx_goals_user_created', columnNames: ['user_id', 'deleted_at', 'created_at', 'id'] },
  ],
  foreignKeys: [ownedBy('fk_goals_user')],
});

export class CreateGoals1700000000191 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(goals, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(goals, true);
  }
}
