import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { day, double, instant, integer, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const medications = new Table({
  name: 'medications',
  columns: [
    ...recordColumns,
    longText('clocks'),
    text('name', 200),
    text('form', 16),
    text('route', 16),
    text('strength', 100, optional),
    double('dose_amount'),
    text('dose_unit', 40),
    longText('codes', optional),
    longText('ingredient_codes', optional),
    double('max_daily_amount', optional),
    integer('min_interval_min', optional),
    integer('refill_lead_days', optional),
    integer('is_supplement', optional),
    integer('is_critical', optional),
    integer('is_archived', optional),
    text('reason', 500, optional),
    text('prescriber', 200, optional),
    text('pharmacy', 200, optional),
    text('prescription_number', 100, optional),
    text('color', 32, optional),
    text('icon', 64, optional),
    text('note', 1_000, optional),
  ],
  indices: [
    bySeq('medications'),
    {
      name: 'idx_medications_user_created',
      columnNames: ['user_id', 'deleted_at', 'created_at', 'id'],
    },
  ],
  foreignKeys: [ownedBy('fk_medications_user')],
});

const schedules = new Table({
  name: 'medication_schedules',
  columns: [
    ...recordColumns,
    longText('clocks'),
    uuid('medication_id'),
    uuid('version_of', optional),
    text('recurrence', 16),
    day('starts_on'),
    day('ends_on', optional),
    text('zone_mode', 8),
    text('time_zone', 64),
    longText('doses', optional),
    longText('weekdays', optional),
    integer('every_days', optional),
    integer('days_on', optional),
    integer('days_off', optional),
    integer('month_day', optional),
    day('counts_from', optional),
    integer('interval_hours', optional),
    instant('interval_start', optional),
    double('amount', optional),
    longText('steps', optional),
    integer('window_before_min', optional),
    integer('window_after_min', optional),
    text('meal_relation', 8, optional),
    text('note', 1_000, optional),
  ],
  indices: [
    bySeq('medication_schedules'),
    {
      name: 'idx_medication_schedules_user_created',
      columnNames: ['user_id', 'deleted_at', 'created_at', 'id'],
    },
    {
      name: 'idx_medication_schedules_user_medication',
      columnNames: ['user_id', 'medication_id', 'deleted_at', 'created_at', 'id'],
    },
  ],
  foreignKeys: [ownedBy('fk_medication_schedules_user')],
});

const intakes = new Table({
  name: 'medication_intakes',
  columns: [
    ...recordColumns,
    longText('clocks'),
    uuid('medication_id'),
    uuid('schedule_id', optional),
    text('slot', 20, optional),
    instant('scheduled_for', optional),
    text('time_zone', 64),
    text('status', 8),
    instant('taken_at', optional),
    double('amount', optional),
    instant('snoozed_until', optional),
    text('reason', 500, optional),
    text('site', 100, optional),
    text('note', 1_000, optional),
    integer('confirmed', optional),
    text('medication_name', 200, optional),
    text('strength', 100, optional),
    text('dose_unit', 40, optional),
    longText('alerts'),
    day('local_date'),
    instant('sorted_at'),
  ],
  indices: [
    bySeq('medication_intakes'),
    {
      name: 'idx_medication_intakes_user_sorted',
      columnNames: ['user_id', 'deleted_at', 'sorted_at', 'id'],
    },
    {
      name: 'idx_medication_intakes_user_medication',
      columnNames: ['user_id', 'medication_id', 'deleted_at', 'sorted_at', 'id'],
    },
    {
      name: 'idx_medication_intakes_user_day',
      columnNames: ['user_id', 'deleted_at', 'local_date', 'id'],
    },
  ],
  foreignKeys: [ownedBy('fk_medication_intakes_user')],
});

const tables = [medications, schedules, intakes];

export class CreateMedications1700000000161 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of tables) await runner.createTable(table, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of tables.toReversed()) await runner.dropTable(table, true);
  }
}
