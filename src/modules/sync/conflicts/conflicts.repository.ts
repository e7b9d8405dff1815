import type { Listing, Place } from '../../../kernel/http/paging.js';
import { instantText } from '../../../platform/database/database.js';
import type { Conflict } from '../../../records/define/conflict.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { conditions } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';

/** The conflicts of one owner. */
export class ConflictsRepository extends RecordRepository<Conflict> {
  constructor(records: Records, owner: Owner) {
    super(records, { kind: owner.type.conflicts }, owner);
  }

  /** One page of conflicts, the newest first. */
  list(status: string | undefined, place: Place): Promise<Listing<Listed<Conflict>>> {
    return this.page(conditions(['status = ?', status]), 'createdAt', place);
  }

  async countOpen(): Promise<number> {
    const [counted] = await this.compute('COUNT(*) AS total', conditions(['status = ?', 'open']));
    return Number(counted?.['total']);
  }

  /** Conflicts that were found before the instant. */
  olderThan(instant: Date, limit: number): Promise<Conflict[]> {
    return this.select('created_at < ? AND deleted_at IS NULL LIMIT ?', [instantText(instant), limit]);
  }
}
