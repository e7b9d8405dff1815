import { instantText } from '../../../platform/database/database.js';
import type { Conflict } from '../../../records/define/conflict.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { conditions, type Place, type RecordPage } from '../../../records/read/page.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';

/** The conflicts of one owner. */
export class ConflictsRepository extends RecordRepository<Conflict> {
  constructor(records: Records, owner: Owner) {
    super(records, { kind: owner.type.conflicts }, owner);
  }

  /** One page of conflicts, the newest first. */
  list(status: string | undefined, place: Place): Promise<RecordPage<Listed<Conflict>>> {
    return this.page(conditions(['status = ?', status]), 'created_at DESC, id DESC', place);
  }

  async countOpen(): Promise<number> {
    return (await this.list('open', { limit: 1, offset: 0 })).total;
  }

  /** Conflicts that were found before the instant. */
  olderThan(instant: Date, limit: number): Promise<Conflict[]> {
    return this.select('created_at < ? AND deleted_at IS NULL LIMIT ?', [instantText(instant), limit]);
  }
}
