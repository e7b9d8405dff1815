import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { conditions } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import { lotRecord, MAX_LOTS } from './lots.record.js';
import type { MedicationLot } from './medication-lot.entity.js';

/** The lots of one person. */
export class LotsRepository extends RecordRepository<MedicationLot> {
  constructor(records: Records, owner: Owner) {
    super(records, lotRecord, owner);
  }

  /** One page, the newest first. */
  list(medicationId: string | undefined, place: Place): Promise<Listing<Listed<MedicationLot>>> {
    return this.page(conditions(['medication_id = ?', medicationId]), 'addedAt', place);
  }

  /** All live lots of a medication, the oldest first. */
  ofMedication(medicationId: string): Promise<MedicationLot[]> {
    return this.select('deleted_at IS NULL AND medication_id = ? ORDER BY added_at, id LIMIT ?', [
      medicationId,
      MAX_LOTS,
    ]);
  }
}
