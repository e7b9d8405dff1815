import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { FoodSearchService } from '../foods/food-search.service.js';
import type { FoundFoodDto } from '../foods/found-foods.dto.js';
import { favoriteId } from './favorite-id.js';
import type { FoodFavorite } from './food-favorite.entity.js';
import type { CreateFoodFavoriteDto } from './food-favorites.dto.js';
import { FoodFavoritesRepository } from './food-favorites.repository.js';

/** Marks foods, and reads those that are marked. */
@Injectable()
export class FoodFavoritesService {
  constructor(
    private readonly records: Records,
    private readonly foods: FoodSearchService,
  ) {}

  /**
   * Marks a food. One that is marked stays as it is, also when the food was deleted meanwhile.
   * @throws Problem `validation` for a food that the person does not have; `quota-exceeded`
   */
  async mark(actor: Actor, { id, foodId }: CreateFoodFavoriteDto): Promise<FoodFavorite> {
    const favorites = this.of(actor);
    const own = id ?? favoriteId(foodId);
    const [marked] = await favorites.findAll([own]);
    if (!marked || marked.deletedAt !== null) await this.refuseUnknown(actor, foodId);
    return favorites.create(actor, own, { foodId }, true);
  }

  /** The foods that were marked last. */
  async foodsOf(actor: Actor, most: number): Promise<FoundFoodDto[]> {
    const marked = await this.of(actor).newest(most);
    return this.foods.byIds(
      actor.userId,
      marked.map(({ foodId }) => foodId),
    );
  }

  /** The favourites of the person whose data are asked for. */
  of({ userId }: Actor): FoodFavoritesRepository {
    return new FoodFavoritesRepository(this.records, person(userId));
  }

  private async refuseUnknown({ userId }: Actor, foodId: string): Promise<void> {
    const [food] = await this.foods.byIds(userId, [foodId]);
    if (!food) throw invalidField('food_id', 'not-found', 'food_id is not a known food');
  }
}
