import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { FoodFavorite } from './food-favorite.entity.js';
import { foodFavoriteRecord } from './food-favorites.record.js';

/** The foods that one person marked. */
export class FoodFavoritesRepository extends RecordRepository<FoodFavorite> {
  constructor(records: Records, owner: Owner) {
    super(records, foodFavoriteRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<FoodFavorite>>> {
    return this.pageBy('createdAt', {}, place);
  }

  newest(most: number): Promise<FoodFavorite[]> {
    return this.select('deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?', [most]);
  }
}
