import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { Goal } from './goal.entity.js';
import { goalRecord, MAX_GOALS } from './goals.record.js';

/** The goals of one person. */
export class GoalsRepository extends RecordRepository<Goal> {
  constructor(records: Records, owner: Owner) {
    super(records, goalRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<Goal>>> {
    return this.pageBy('createdAt', {}, place);
  }

  /** All live ones, the newest first. */
  all(): Promise<Goal[]> {
    return this.select('deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?', [MAX_GOALS]);
  }
}
