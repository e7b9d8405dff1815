import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { Recipe } from './recipe.entity.js';
import { recipeRecord } from './recipes.record.js';

/** The recipes of one person. */
export class RecipesRepository extends RecordRepository<Recipe> {
  constructor(records: Records, owner: Owner) {
    super(records, recipeRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<Recipe>>> {
    return this.pageBy('createdAt', {}, place);
  }
}
