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
import type { Meal } from './meal.entity.js';
import { filled, type FoodValues, isOpen, keepStored } from './meal-items.js';
import type { CreateMealDto, MealItemDto, UpdateMealDto } from './meals.dto.js';
import { MealsRepository } from './meals.repository.js';

/** Writes meals, and fills their items with the values of foods. */
@Injectable()
export class MealsService {
  constructor(
    private readonly records: Records,
    private readonly shared: SharedFoodsRepository,
    private readonly lock: PersonLock,
  ) {}

  /** @throws Problem as `RecordRepository.create` does; `validation` for a food that the actor cannot use */
  create(actor: Actor, { id, ...input }: CreateMealDto): Promise<Meal> {
    const meals = this.of(actor);
    return this.withItems(actor, id, input.items, (items) => meals.create(actor, id, { ...input, items }));
  }

  /** @throws Problem as `RecordRepository.update` does; `validation` for a food that the actor cannot use */
  update(actor: Actor, id: string, { version, ...input }: UpdateMealDto): Promise<Meal> {
    const meals = this.of(actor);
    const { items } = input;
    if (!items) return meals.update(actor, id, { ...input }, version);
    return this.withItems(actor, id, items, (all) =>
      meals.update(actor, id, { ...input, items: all }, version),
    );
  }

  /** The meals of the person whose data are asked for. */
  of({ userId }: Actor): MealsRepository {
    return new MealsRepository(this.records, person(userId));
  }

  /** Under the lock of the person, so that a stored item cannot change between reading and writing. */
  private withItems<T>(
    actor: Actor,
    id: string | undefined,
    items: readonly MealItemDto[],
    work: (items: readonly MealItemDto[]) => Promise<T>,
  ): Promise<T> {
    if (!items.some(isOpen)) return work(items);
    return this.lock.hold(actor.userId, async () => {
      const [stored] = id === undefined ? [] : await this.of(actor).findAll([id]);
      const kept = stored ? keepStored(items, stored.items) : items;
      // What is stored stays as it is, also where an app stored it without values.
      const open = new Set(kept.filter((item, at) => item === items[at] && isOpen(item)));
      return work(await this.fill(actor, kept, open));
    });
  }

  private async fill(
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
