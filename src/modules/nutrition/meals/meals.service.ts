import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { ItemFilling } from '../items/item-filling.service.js';
import type { MealItemDto } from '../items/meal-item.dto.js';
import type { Meal } from './meal.entity.js';
import type { CreateMealDto, UpdateMealDto } from './meals.dto.js';
import { MealsRepository } from './meals.repository.js';

/** Writes meals, and fills their items. */
@Injectable()
export class MealsService {
  constructor(
    private readonly records: Records,
    private readonly filling: ItemFilling,
  ) {}

  /** @throws Problem as `RecordRepository.create` does; `validation` for a food that the actor cannot use */
  create(actor: Actor, { id, ...input }: CreateMealDto): Promise<Meal> {
    const meals = this.of(actor);
    return this.filling.fill(
      actor,
      input.items,
      () => this.itemsOf(actor, id),
      (items) => meals.create(actor, id, { ...input, items }),
    );
  }

  /** @throws Problem as `RecordRepository.update` does; `validation` for a food that the actor cannot use */
  update(actor: Actor, id: string, { version, ...input }: UpdateMealDto): Promise<Meal> {
    const meals = this.of(actor);
    const { items } = input;
    if (!items) return meals.update(actor, id, { ...input }, version);
    return this.filling.fill(
      actor,
      items,
      () => this.itemsOf(actor, id),
      (all) => meals.update(actor, id, { ...input, items: all }, version),
    );
  }

  /** The meals of the person whose data are asked for. */
  of({ userId }: Actor): MealsRepository {
    return new MealsRepository(this.records, person(userId));
  }

  private async itemsOf(actor: Actor, id: string | undefined): Promise<readonly MealItemDto[]> {
    const [stored] = id === undefined ? [] : await this.of(actor).findAll([id]);
    return stored?.items ?? [];
  }
}
