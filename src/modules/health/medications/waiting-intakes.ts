import { batchesOf } from '../../../platform/database/batches.js';
import { placeholders } from '../../../platform/database/database.js';
import type { OtherRecords, RecordReference } from '../../../records/define/define-record.js';
import type { Medication } from './medication.entity.js';

export const INTAKE = 'medication_intake';
/** Those that one transaction writes again. A phone has learned of a medication before it stores so many of its doses. */
const MOST_WAITING = 1_000;

/**
 * The newest intakes that came before their medication. They have neither its name nor its limits.
 * @param medications new ones
 */
export async function intakesWaitingFor(
  medications: readonly Medication[],
  { database, ownerId }: OtherRecords,
): Promise<RecordReference[]> {
  const found: RecordReference[] = [];
  for (const ids of batchesOf(medications.map(({ id }) => id))) {
    const rows = await database.rows(
      `SELECT id FROM medication_intakes
       WHERE user_id = ? AND medication_id IN (${placeholders(ids.length)}) AND deleted_at IS NULL AND medication_name IS NULL
       ORDER BY sorted_at DESC, id LIMIT ?`,
      [ownerId, ...ids, MOST_WAITING],
    );
    found.push(...rows.map((row) => ({ kind: INTAKE, id: String(row['id']) })));
  }
  return found;
}
