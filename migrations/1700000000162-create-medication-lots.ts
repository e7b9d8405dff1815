import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';
import { bySeq, recordColumns } from './record-columns.js';
import { day, double, instant, longText, optional, ownedBy, text, uuid } from './table-columns.js';

const lots = new Table({
  name: 'medication_lots',
  columns: [
    ...recordColumns,
    longText('clocks'),
    uuid('medication_id'),
    double('units'),
    instant('added_at'),
    double('discarded', optional),
    day('expires_on', optional),
    day('opened_on', optional),
    day('use_by', optional),
    text('lot_number', 100, optional),
    text('note', 1_000, optional),
  ],
  indices: [
    bySeq('medication_lots'),
    {
      name: 'idx_medication_lots_user_added',
      columnNames: ['user_id', 'deleted_at', 'added_at', 'id'],
    },
    {
      name: 'idx_medication_lots_user_medication',
      columnNames: ['user_id', 'medication_id', 'deleted_at', 'added_at', 'id'],
    },
  ],
  foreignKeys: [ownedBy('fk_medication_lots_user')],
});

export class CreateMedicationLots1700000000162 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(lots, true);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(lots, true);
  }
}
