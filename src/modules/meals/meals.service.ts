import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/http/actor.js';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import type { FromWire } from '../../kernel/http/wire.js';
import type { Place, RecordPage } from '../../kernel/records/owned-records.js';
import { Records } from '../../kernel/records/records.js';
import type { Meal } from './meal.entity.js';
import type { MealDayDto, MealFieldsDto } from './meals.dto.js';
import { mealRecord } from './meals.record.js';
import { type MealFilter, MealsRepository } from './meals.repository.js';

type MealInput = FromWire<MealFieldsDto>;

const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

/** Meals one at a time, by a client that is online, and their sums. */
@Injectable()
export class MealsService {
  constructor(
    private readonly meals: MealsRepository,
    private readonly records: Records,
  ) {}

  /** @throws Problem `id-taken` */
  create(actor: Actor, id: string | undefined, input: MealInput): Promise<Meal> {
    return this.records.create(actor, mealRecord, id, input);
  }

  list(actor: Actor, filter: MealFilter, place: Place): Promise<RecordPage<Meal>> {
    return this.meals.of(actor.userId).page(filter, place);
  }

  /** @throws Problem `not-found` */
  async get(actor: Actor, id: string): Promise<Meal> {
    const meal = await this.meals.of(actor.userId).findLive(id);
    if (!meal) throw new Problem('not-found');
    return meal;
  }

  /** @throws Problem `not-found`, `version-conflict` */
  update(
    actor: Actor,
    id: string,
    input: Partial<MealInput>,
    baseVersion: number | undefined,
  ): Promise<Meal> {
    return this.records.update(actor, mealRecord, id, input, baseVersion);
  }

  /** @throws Problem `not-found` */
  remove(actor: Actor, id: string): Promise<Meal> {
    return this.records.remove(actor, mealRecord, id);
  }

  /** @throws Problem `validation` when the days are not in order, or too many */
  days(actor: Actor, from: string, to: string): Promise<MealDayDto[]> {
    const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
    if (days < 1 || days > MAX_DAYS)
      throw invalidField('to', 'out-of-range', `to must be 0 to ${MAX_DAYS - 1} days after from`);
    return this.meals.of(actor.userId).days(from, to);
  }
}
