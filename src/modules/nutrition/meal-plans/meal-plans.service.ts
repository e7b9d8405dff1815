import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { ItemFilling } from '../items/item-filling.service.js';
import type { Meal } from '../meals/meal.entity.js';
import { instantOn, NewMealsService } from '../meals/new-meals.service.js';
import type { MealPlan } from './meal-plan.entity.js';
import type { CreateMealPlanDto, LogMealPlanDto, UpdateMealPlanDto } from './meal-plans.dto.js';
import type { PlannedMealDto } from './meal-plans.fields.js';
import { MealPlansRepository } from './meal-plans.repository.js';
import { itemsOf, namingMeals, withItems } from './planned-items.js';

/** Writes meal plans, fills their items, and makes meals of them. */
@Injectable()
export class MealPlansService {
  constructor(
    private readonly records: Records,
    private readonly filling: ItemFilling,
    private readonly newMeals: NewMealsService,
    private readonly lock: PersonLock,
  ) {}

  /** @throws Problem as `RecordRepository.create` does; `validation` for a food that the actor cannot use */
  create(actor: Actor, { id, ...input }: CreateMealPlanDto): Promise<MealPlan> {
    return this.filled(actor, id, input.meals, (meals) =>
      this.of(actor).create(actor, id, { ...input, meals }),
    );
  }

  /** @throws Problem as `RecordRepository.update` does; `validation` for a food that the actor cannot use */
  update(actor: Actor, id: string, { version, ...input }: UpdateMealPlanDto): Promise<MealPlan> {
    if (!input.meals) return this.of(actor).update(actor, id, { ...input }, version);
    return this.filled(actor, id, input.meals, (meals) =>
      this.of(actor).update(actor, id, { ...input, meals }, version),
    );
  }

  /**
   * Makes meals of a plan, with the values that it has: all or none.
   * @throws Problem `not-found`, `quota-exceeded`, `validation` for a day that the time zone skipped
   */
  log(actor: Actor, id: string, { localDate, timeZone }: LogMealPlanDto): Promise<Meal[]> {
    return this.lock.hold(actor.userId, async () => {
      const { meals } = await this.of(actor).get(id);
      return this.newMeals.create(
        actor,
        meals.map(({ localTime, ...meal }) => ({
          ...meal,
          eatenAt: instantOn(localDate, localTime, timeZone, 'local_date'),
          timeZone,
        })),
      );
    });
  }

  /** The meal plans of the person whose data are asked for. */
  of({ userId }: Actor): MealPlansRepository {
    return new MealPlansRepository(this.records, person(userId));
  }

  private filled(
    actor: Actor,
    id: string | undefined,
    meals: readonly PlannedMealDto[],
    work: (meals: readonly PlannedMealDto[]) => Promise<MealPlan>,
  ): Promise<MealPlan> {
    const stored = async () => {
      const [plan] = id === undefined ? [] : await this.of(actor).findAll([id]);
      return itemsOf(plan?.meals ?? []);
    };
    return namingMeals(meals, () =>
      this.filling.fill(actor, itemsOf(meals), stored, (items) => work(withItems(meals, items))),
    );
  }
}
