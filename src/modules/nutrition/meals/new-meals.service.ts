import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField } from '../../../kernel/http/problem.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { clockTime, instantAt } from '../../../kernel/quantities/local-instant.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { MealTypesRepository } from '../meal-types/meal-types.repository.js';
import type { Meal } from './meal.entity.js';
import { type CopyMealsDto, MOST_COPIED } from './meal-copies.dto.js';
import type { MealFieldsDto } from './meals.dto.js';
import { MealsRepository } from './meals.repository.js';

/** Makes meals of stored ones. Their items keep their values: nothing is filled again. */
@Injectable()
export class NewMealsService {
  constructor(
    private readonly records: Records,
    private readonly lock: PersonLock,
  ) {}

  /**
   * Copies meals of a day to another day, to the same local times: all or none.
   * @throws Problem `validation`, `quota-exceeded`
   */
  copy(actor: Actor, input: CopyMealsDto): Promise<Meal[]> {
    const { from, to, timeZone } = input;
    if (from === to) throw invalidField('to', 'not-allowed', 'to must be another day than from');
    return this.lock.hold(actor.userId, async () => {
      const chosen = await this.chosen(actor, input);
      const copies = chosen.map((meal) => {
        const zone = timeZone ?? meal.timeZone;
        const eatenAt = instantOn(to, clockTime(meal.eatenAt, meal.timeZone), zone, 'to');
        const { mealType, mealTypeId, title, note, items } = meal;
        return { eatenAt, timeZone: zone, mealType, mealTypeId, title, note, items };
      });
      return this.create(actor, copies);
    });
  }

  /**
   * Creates meals with items as they are: all or none. A meal type of the person's own that is deleted is left out.
   * @throws Problem `quota-exceeded`
   */
  create(actor: Actor, meals: readonly MealFieldsDto[]): Promise<Meal[]> {
    const owner = person(actor.userId);
    return this.lock.hold(actor.userId, async () => {
      const ids = new Set(meals.flatMap(({ mealTypeId }) => mealTypeId ?? []));
      const types = await new MealTypesRepository(this.records, owner).findAll([...ids]);
      const live = new Set(types.filter(({ deletedAt }) => deletedAt === null).map(({ id }) => id));
      const entered = meals
        .map((meal) => ({
          ...meal,
          mealTypeId: meal.mealTypeId && live.has(meal.mealTypeId) ? meal.mealTypeId : null,
        }))
        .toSorted((a, b) => a.eatenAt.getTime() - b.eatenAt.getTime());
      return new MealsRepository(this.records, owner).createAll(actor, entered);
    });
  }

  private async chosen({ userId }: Actor, { from, mealTypes, mealIds }: CopyMealsDto): Promise<Meal[]> {
    const ids = mealIds?.map((id) => id.toLowerCase());
    const meals = new MealsRepository(this.records, person(userId));
    const all = await meals.ofDay(from, { mealTypes, ids }, MOST_COPIED);
    if (!all)
      throw invalidField(
        'from',
        'out-of-range',
        `from must have at most ${MOST_COPIED} meals and 512 KiB of items: choose some of them by meal_ids`,
      );
    const missing = ids?.find((id) => !all.some((meal) => meal.id === id));
    if (missing !== undefined)
      throw invalidField(
        'meal_ids',
        'not-found',
        `meal_ids must name meals of from, but ${missing} is none of them`,
      );
    return all;
  }
}

/** @throws Problem `validation` for a day that the time zone skipped */
export function instantOn(day: string, time: string, timeZone: string, field: string): Date {
  const instant = instantAt(day, time, timeZone);
  if (!instant) throw invalidField(field, 'invalid', `${field} is a day that the time zone skipped`);
  return instant;
}
