import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { MealPlan } from './meal-plan.entity.js';
import { mealPlanRecord } from './meal-plans.record.js';

/** The meal plans of one person. */
export class MealPlansRepository extends RecordRepository<MealPlan> {
  constructor(records: Records, owner: Owner) {
    super(records, mealPlanRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<MealPlan>>> {
    return this.pageBy('createdAt', {}, place);
  }
}
