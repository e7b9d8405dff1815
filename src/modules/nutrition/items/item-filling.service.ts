import { Injectable } from '@nestjs/common';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { type FieldError, Problem } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { FoodsRepository } from '../foods/foods.repository.js';
import { foods } from '../foods/foods.scopes.js';
import { SharedFoodsRepository } from '../foods/shared/shared-foods.repository.js';
import { filled, type FoodValues, isOpen } from './item-values.js';
import { keepStored } from './kept-items.js';
import type { MealItemDto } from './meal-item.dto.js';

/** Fills items with the values of foods. */
@Injectable()
export class ItemFilling {
  constructor(
    private readonly records: Records,
    private readonly shared: SharedFoodsRepository,
    private readonly lock: PersonLock,
  ) {}

  /**
   * Gives all items their values, and then does the work that stores them. It happens under the lock of the person, so that a stored
   * item cannot change between reading and writing.
   * @param stored reads the items that `items` replace
   * @throws Problem `validation` for a food that the actor cannot use
   */
  fill<T>(
    actor: Actor,
    items: readonly MealItemDto[],
    stored: () => Promise<readonly MealItemDto[]>,
    work: (items: readonly MealItemDto[]) => Promise<T>,
  ): Promise<T> {
    if (!items.some(isOpen)) return work(items);
    return this.lock.hold(actor.userId, async () => {
      const kept = keepStored(items, await stored());
      // What is stored stays as it is, also where an app stored it without values.
      const open = new Set(kept.filter((item, at) => item === items[at] && isOpen(item)));
      return work(await this.withValues(actor, kept, open));
    });
  }

  private async withValues(
    actor: Actor,
    items: readonly MealItemDto[],
    open: ReadonlySet<MealItemDto>,
  ): Promise<MealItemDto[]> {
    const ids = [...open].flatMap(({ foodId }) => foodId ?? []);
    const known = await this.foodsOf(actor, [...new Set(ids)]);
    const errors: FieldError[] = [];
    const all = items.map((item, at) => {
      if (!open.has(item) || !isOpen(item)) return item;
      const result = filled(item, known.get(item.foodId), at);
      if (!('field' in result)) return result;
      errors.push(result);
      return item;
    });
    if (errors.length > 0) throw new Problem('validation', { errors });
    return all;
  }

  /** The shared foods among these ids, and those of the person if the actor may read them. */
  private async foodsOf(actor: Actor, ids: readonly string[]): Promise<ReadonlyMap<string, FoodValues>> {
    const own = mayRead(actor, foods)
      ? await new FoodsRepository(this.records, person(actor.userId)).findAll(ids)
      : [];
    const live = own.filter(({ deletedAt }) => deletedAt === null);
    return new Map<string, FoodValues>(
      [...(await this.shared.findAll(ids)), ...live].map((food) => [food.id, food]),
    );
  }
}
