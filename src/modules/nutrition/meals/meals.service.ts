import { Injectable } from '@nestjs/common';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { foods } from '../foods/foods.scopes.js';
import { ItemFilling } from '../items/item-filling.service.js';
import type { Meal } from './meal.entity.js';
import type { CreateMealDto, UpdateMealDto } from './meals.dto.js';
import { MealsRepository } from './meals.repository.js';
import { meals } from './meals.scopes.js';
import type { RecentFoodDto } from './recent-foods.dto.js';

/** Writes meals, and fills their items. */
@Injectable()
export class MealsService {
  constructor(
    private readonly records: Records,
    private readonly filling: ItemFilling,
  ) {}

  /** @throws Problem as `ItemFilling.create` does */
  create(actor: Actor, input: CreateMealDto): Promise<Meal> {
    return this.filling.create(this.of(actor), actor, input);
  }

  /** @throws Problem as `ItemFilling.update` does */
  update(actor: Actor, id: string, input: UpdateMealDto): Promise<Meal> {
    return this.filling.update(this.of(actor), actor, id, input);
  }

  /** What was eaten last. @throws Problem `insufficient-scope` for an actor who may not read both meals and foods */
  async recentFoods(actor: Actor, most: number): Promise<RecentFoodDto[]> {
    if (!mayRead(actor, foods) || !mayRead(actor, meals)) throw new Problem('insufficient-scope');
    return this.of(actor).recent(most);
  }

  /** The meals of the person whose data are asked for. */
  of({ userId }: Actor): MealsRepository {
    return new MealsRepository(this.records, person(userId));
  }
}
