import type { Listing, Place } from '../../../kernel/http/paging.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { conditions } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { Food } from './food.entity.js';
import { foodRecord } from './foods.record.js';
import { bestOf, type SearchWords } from './search-words.js';

/** Of a search with more matches, the first ones of the alphabet are ranked. */
const RANKED = 200;
/** More than anybody enters of one product. */
const MAX_OF_BARCODE = 10;

/** The foods that one person entered. */
export class FoodsRepository extends RecordRepository<Food> {
  constructor(records: Records, owner: Owner) {
    super(records, foodRecord, owner);
  }

  /** One page, the newest first. */
  list(place: Place): Promise<Listing<Listed<Food>>> {
    return this.pageBy('createdAt', {}, place);
  }

  /** The best matches of a search. The covering index has the words of all foods of the person, and nobody else's. */
  async search(sought: SearchWords, most: number): Promise<Food[]> {
    const { words, prefix } = sought;
    const rows = await this.compute(
      'id, search_text',
      conditions(...words.map((word) => ['search_text LIKE ?', `% ${word} %`] as const), [
        'search_text LIKE ?',
        `% ${prefix}%`,
      ]),
      `ORDER BY search_text, id LIMIT ${RANKED}`,
    );
    const matches = rows.map((row) => ({ id: String(row['id']), search_text: String(row['search_text']) }));
    return bestOf(matches, sought, most, (ids) => this.findAll(ids));
  }

  /** The foods with this barcode of 14 digits, the newest first. */
  withBarcode(barcode: string): Promise<Food[]> {
    return this.select(
      `barcode = ? AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ${MAX_OF_BARCODE}`,
      [barcode],
    );
  }
}
