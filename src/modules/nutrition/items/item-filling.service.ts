import { Injectable } from '@nestjs/common';
import { mayRead } from '../../../kernel/access/scopes.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { fault, type FieldError, Problem } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { slicesOf } from '../../../platform/database/batches.js';
import { person } from '../../../records/define/person/person.owner.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import type { RecordRepository } from '../../../records/write/record-repository.js';
import { Records } from '../../../records/write/records.js';
import { FoodsRepository } from '../foods/foods.repository.js';
import { foods } from '../foods/foods.scopes.js';
import { SharedFoodsRepository } from '../foods/shared/shared-foods.repository.js';
import { RecipesRepository } from '../recipes/recipes.repository.js';
import { recipes } from '../recipes/recipes.scopes.js';
import { filled, type FoodValues, isOpen, type RecipeValues } from './item-values.js';
import { keepStored } from './kept-items.js';
import type { MealItemDto } from './meal-item.dto.js';

/** A record that is made of items. */
type Itemized = SyncedRecord & { readonly items: readonly MealItemDto[] };

/** Recipes of which the items are read together: they may be large. */
const READ_AT_ONCE = 10;

/** Writes records whose items are filled with the values of foods and recipes. */
@Injectable()
export class ItemFilling {
  constructor(
    private readonly records: Records,
    private readonly shared: SharedFoodsRepository,
    private readonly lock: PersonLock,
  ) {}

  /** @throws Problem as `RecordRepository.create` does; `validation` for a food or a recipe that the actor cannot use */
  create<Entity extends Itemized>(
    own: RecordRepository<Entity>,
    actor: Actor,
    { id, ...input }: { readonly id?: string | undefined; readonly items: readonly MealItemDto[] },
  ): Promise<Entity> {
    const stored = () => itemsOf(own, id);
    return this.fill(actor, input.items, stored, (items) => own.create(actor, id, { ...input, items }));
  }

  /** @throws Problem as `RecordRepository.update` does; `validation` for a food or a recipe that the actor cannot use */
  update<Entity extends Itemized>(
    own: RecordRepository<Entity>,
    actor: Actor,
    id: string,
    { version, ...input }: { readonly version?: number | undefined; readonly items?: readonly MealItemDto[] },
  ): Promise<Entity> {
    const { items } = input;
    if (!items) return own.update(actor, id, { ...input }, version);
    const stored = () => itemsOf(own, id);
    return this.fill(actor, items, stored, (all) => own.update(actor, id, { ...input, items: all }, version));
  }

  /**
   * Gives all items their values, and then does the work that stores them. It happens under the lock of the person, so that a stored
   * item cannot change between reading and writing.
   * @param stored reads the items that `items` replace
   * @throws Problem `validation` for a food or a recipe that the actor cannot use
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
    const named = (field: 'foodId' | 'recipeId') => [
      ...new Set([...open].flatMap((item) => item[field] ?? [])),
    ];
    const known = {
      foods: await this.foodsOf(actor, named('foodId')),
      recipes: await this.recipesOf(actor, named('recipeId')),
    };
    const errors: FieldError[] = [];
    const all = items.map((item, at) => {
      if (!open.has(item)) return item;
      const { recipeId, foodId } = item;
      const from = recipeId == null ? known.foods.get(foodId ?? '') : known.recipes.get(recipeId);
      const result = filled(item, from);
      if (!('rule' in result)) return result;
      const field = `items.${at}.${result.field}`;
      errors.push(...fault(field, result.code, `${field} ${result.rule}`));
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

  /** The recipes of the person among these ids, if the actor may read them. */
  private async recipesOf(actor: Actor, ids: readonly string[]): Promise<ReadonlyMap<string, RecipeValues>> {
    const known = new Map<string, RecipeValues>();
    if (!mayRead(actor, recipes)) return known;
    const own = new RecipesRepository(this.records, person(actor.userId));
    for (const some of slicesOf(ids, READ_AT_ONCE))
      for (const recipe of await own.findAll(some))
        if (recipe.deletedAt === null) known.set(recipe.id, recipe);
    return known;
  }
}

async function itemsOf<Entity extends Itemized>(
  own: RecordRepository<Entity>,
  id: string | undefined,
): Promise<readonly MealItemDto[]> {
  const [record] = id === undefined ? [] : await own.findAll([id]);
  return record?.items ?? [];
}
