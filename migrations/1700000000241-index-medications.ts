import { type MigrationInterface, type QueryRunner, TableColumn, TableIndex } from 'typeorm';
import { instant, integer, optional } from './table-columns.js';

const INTAKES = 'medication_intakes';
const SCHEDULES = 'medication_schedules';
const ofMedication = new TableIndex({
  name: 'idx_medication_intakes_user_medication',
  columnNames: ['user_id', 'medication_id', 'deleted_at', 'sorted_at', 'id'],
});
const ofDoses = new TableIndex({
  name: 'idx_medication_intakes_user_dose',
  columnNames: ['user_id', 'medication_id', 'deleted_at', 'sorted_at', 'id', 'status', 'amount'],
});
const open = new TableIndex({
  name: 'idx_medication_intakes_user_open',
  columnNames: ['user_id', 'is_open', 'deleted_at', 'sorted_at', 'id'],
});
const versions = new TableIndex({
  name: 'idx_medication_schedules_user_version',
  columnNames: ['user_id', 'version_of', 'deleted_at', 'starts_on', 'id'],
});

/**
 * Sums of doses and open alerts are read from an index alone, and the versions of a schedule by its id. A change of a schedule says from
 * which instant it counts; those that are stored count from the beginning of their first day, as before.
 */
export class IndexMedications1700000000241 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn(SCHEDULES, new TableColumn(instant('counts_at', optional)));
    await runner.createIndex(SCHEDULES, versions);
    await runner.addColumn(INTAKES, new TableColumn(integer('is_open', optional)));
    await runner.query(
      `UPDATE ${INTAKES} SET is_open = 1 WHERE alerts <> '[]' AND COALESCE(confirmed, 0) = 0`,
    );
    await runner.createIndex(INTAKES, open);
    await runner.createIndex(INTAKES, ofDoses);
    await runner.dropIndex(INTAKES, ofMedication);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex(INTAKES, ofMedication);
    await runner.dropIndex(INTAKES, ofDoses);
    await runner.dropIndex(INTAKES, open);
    await runner.dropColumn(INTAKES, 'is_open');
    await runner.dropIndex(SCHEDULES, versions);
    await runner.dropColumn(SCHEDULES, 'counts_at');
  }
}
