import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { MealType } from './meal-type.entity.js';
import { mealTypeRecord } from './meal-types.record.js';

/** The meal types that one person made up. */
export class MealTypesRepository extends RecordRepository<MealType> {
  constructor(records: Records, owner: Owner) {
    super(records, mealTypeRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<MealType>>> {
    return this.pageBy('createdAt', {}, place);
  }
}
