import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { ItemFilling } from '../items/item-filling.service.js';
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

  /** @throws Problem as `ItemFilling.create` does */
  create(actor: Actor, input: CreateMealDto): Promise<Meal> {
    return this.filling.create(this.of(actor), actor, input);
  }

  /** @throws Problem as `ItemFilling.update` does */
  update(actor: Actor, id: string, input: UpdateMealDto): Promise<Meal> {
    return this.filling.update(this.of(actor), actor, id, input);
  }

  /** The meals of the person whose data are asked for. */
  of({ userId }: Actor): MealsRepository {
    return new MealsRepository(this.records, person(userId));
  }
}
