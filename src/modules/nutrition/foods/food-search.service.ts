import { Injectable } from '@nestjs/common';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import type { Food } from './food.entity.js';
import type { FoundFoodDto, ScannedFoodsDto } from './found-foods.dto.js';
import { FoodsRepository } from './foods.repository.js';
import { gtin14 } from './gtin.js';
import { OpenFoodFactsService } from './open-food-facts/open-food-facts.service.js';
import { searchWords } from './search-words.js';
import { attributionOf } from './shared/food-sources.js';
import type { SharedFood } from './shared/shared-food.entity.js';
import { SharedFoodsRepository } from './shared/shared-foods.repository.js';

/** Finds foods for a person: their own first, then the shared ones. */
@Injectable()
export class FoodSearchService {
  constructor(
    private readonly records: Records,
    private readonly shared: SharedFoodsRepository,
    private readonly openFoodFacts: OpenFoodFactsService,
  ) {}

  /** The best matches, at most `most`. @throws Problem `validation` for a text without letters and digits */
  async search(userId: string, text: string, most: number): Promise<FoundFoodDto[]> {
    const words = searchWords(text);
    if (!words) throw invalidField('q', 'invalid', 'q must have a letter or a digit');
    const own = await this.ownOf(userId).search(words, most);
    const rest = most - own.length;
    const shared = rest > 0 ? await this.shared.search(words, rest) : [];
    return [...own.map(ownFood), ...shared.map(sharedFood)];
  }

  /** @throws Problem `validation` for a text that is no barcode */
  async byBarcode(userId: string, text: string): Promise<ScannedFoodsDto> {
    const barcode = gtin14(text);
    if (barcode === undefined)
      throw invalidField(
        'gtin',
        'invalid',
        'gtin must have 8, 12, 13 or 14 digits, the last of which is the check digit of the others',
      );
    const own = await this.ownOf(userId).withBarcode(barcode);
    const stored = await this.shared.findByBarcode(barcode);
    const isEnough = stored ? !this.openFoodFacts.isStale(stored) : own.length > 0;
    const asked = isEnough ? 'not_asked' : await this.openFoodFacts.find(barcode);
    // When Open Food Facts cannot be asked, an old food is good enough.
    const shared = typeof asked === 'object' ? asked : stored;
    return {
      data: [...own.map(ownFood), ...(shared ? [sharedFood(shared)] : [])],
      openFoodFacts: typeof asked === 'object' ? 'found' : asked,
    };
  }

  /** @throws Problem `not-found` */
  async sharedById(id: string): Promise<FoundFoodDto> {
    const food = await this.shared.find(id);
    if (!food) throw new Problem('not-found');
    return sharedFood(food);
  }

  /** Those of a few foods that exist, in the order of their ids. */
  async byIds(userId: string, ids: readonly string[]): Promise<FoundFoodDto[]> {
    if (ids.length === 0) return [];
    const own = (await this.ownOf(userId).findAll(ids)).filter(({ deletedAt }) => deletedAt === null);
    const shared = await this.shared.findAll(ids);
    const found = new Map([...shared.map(sharedFood), ...own.map(ownFood)].map((food) => [food.id, food]));
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  private ownOf(userId: string): FoodsRepository {
    return new FoodsRepository(this.records, person(userId));
  }
}

const ownFood = (food: Food): FoundFoodDto => ({
  ...food,
  origin: 'own',
  otherName: null,
  attribution: attributionOf(food.source),
});

const sharedFood = (food: SharedFood): FoundFoodDto => ({
  ...food,
  origin: 'shared',
  attribution: attributionOf(food.source),
});
