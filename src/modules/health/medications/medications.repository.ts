import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { Medication } from './medication.entity.js';
import { MAX_MEDICATIONS, medicationRecord } from './medications.record.js';

/** The medications of one person. */
export class MedicationsRepository extends RecordRepository<Medication> {
  constructor(records: Records, owner: Owner) {
    super(records, medicationRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<Medication>>> {
    return this.pageBy('createdAt', {}, place);
  }

  /** All live ones, by id. */
  async all(): Promise<ReadonlyMap<string, Medication>> {
    const found = await this.select('deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?', [
      MAX_MEDICATIONS,
    ]);
    return new Map(found.map((one) => [one.id, one]));
  }
}
