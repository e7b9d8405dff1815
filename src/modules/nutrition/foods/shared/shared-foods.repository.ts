import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type Repository } from 'typeorm';
import { Clock } from '../../../../platform/clock.js';
import { batchesOf, slicesOf } from '../../../../platform/database/batches.js';
import { Database, placeholders } from '../../../../platform/database/database.js';
import { UnitOfWork } from '../../../../platform/database/unit-of-work.js';
import { searchText } from '../folding.js';
import { kilocalories } from '../nutrients.js';
import { bestOf, type Match, type SearchWords } from '../search-words.js';
import { sharedFoodId } from './food-sources.js';
import { SharedFood } from './shared-food.entity.js';
import { WordIndex } from './word-index.js';

/** What an import says about a food. The rest is derived. */
export type SharedFoodValues = Omit<SharedFood, 'id' | 'place' | 'energyKcal' | 'searchText' | 'importedAt'>;

/** Of a search with more matches, the first ones are ranked, in the order of the imports. */
const RANKED = 100;
/** Few, because the time that TypeORM takes grows with the square of the values of a statement. */
const WRITTEN_AT_ONCE = 50;

interface Known {
  readonly id: string;
  readonly place: number;
  readonly search_text: string;
}

/** The foods that everybody may read. */
@Injectable()
export class SharedFoodsRepository {
  constructor(
    @InjectRepository(SharedFood) private readonly foods: Repository<SharedFood>,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly index: WordIndex,
    private readonly clock: Clock,
  ) {}

  find(id: string): Promise<SharedFood | null> {
    return this.foods.findOneBy({ id });
  }

  /** Those of a few foods that exist. */
  findAll(ids: readonly string[]): Promise<SharedFood[]> {
    return this.foods.findBy({ id: In(ids) });
  }

  /** The food with this barcode that was imported first. */
  findByBarcode(barcode: string): Promise<SharedFood | null> {
    return this.foods.findOne({ where: { barcode }, order: { place: 'ASC' } });
  }

  /** The best matches, at most `most`. */
  async search(sought: SearchWords, most: number): Promise<SharedFood[]> {
    const places = await this.index.find(sought.words, sought.prefix, await this.end(), RANKED);
    if (places.length === 0) return [];
    const padded = Array.from({ length: RANKED }, (_, at) => places[at] ?? places[0] ?? 0);
    const rows = await this.database.rows<Match>(
      `SELECT id, search_text FROM shared_foods WHERE place IN (${placeholders(RANKED)}) ORDER BY place`,
      padded,
      false,
    );
    return bestOf(rows, sought, most, (ids) => this.foods.findBy({ id: In(ids) }));
  }

  /** Creates foods, or replaces those of the same source and reference. @returns how many are new */
  store(values: readonly SharedFoodValues[]): Promise<number> {
    return this.unitOfWork.run(async () => {
      const end = await this.end(this.database.forUpdate);
      // A reference that stands twice in a table is the food that stands last.
      const byId = new Map(values.map((one) => [sharedFoodId(one.source, one.sourceRef), one]));
      const known = new Map((await this.known([...byId.keys()])).map((row) => [row.id, row]));
      let next = end;
      const importedAt = this.clock.date();
      const foods = [...byId].map(([id, one]) => ({
        ...one,
        id,
        place: known.get(id)?.place ?? next++,
        energyKcal: kilocalories(one.nutrients),
        searchText: searchText(one.name, one.otherName, one.brand),
        importedAt,
      }));
      await this.replace(foods, [...known.keys()]);
      await this.index.write(
        foods.map(({ id, place, searchText: after }) => ({
          place,
          before: known.get(id)?.search_text,
          after,
        })),
      );
      await this.database.execute('UPDATE shared_food_places SET next = ? WHERE id = 1', [next]);
      return next - end;
    });
  }

  /** The place after the last food. */
  private async end(lock = ''): Promise<number> {
    const [row] = await this.database.rows(
      `SELECT next FROM shared_food_places WHERE id = 1${lock}`,
      [],
      false,
    );
    return Number(row?.['next'] ?? 0);
  }

  private async known(ids: readonly string[]): Promise<Known[]> {
    const rows: Known[] = [];
    for (const part of batchesOf(ids))
      rows.push(
        ...(await this.database.rows<Known>(
          `SELECT id, place, search_text FROM shared_foods WHERE id IN (${placeholders(part.length)})`,
          part,
          false,
        )),
      );
    return rows;
  }

  private async replace(foods: readonly SharedFood[], known: readonly string[]): Promise<void> {
    for (const part of batchesOf(known)) await this.foods.delete({ id: In(part) });
    for (const part of slicesOf(foods, WRITTEN_AT_ONCE)) await this.foods.insert(part);
  }
}
