import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { CreatedMealsDto } from '../meals/meal-copies.dto.js';
import { meals } from '../meals/meals.scopes.js';
import {
  CreateMealPlanDto,
  LogMealPlanDto,
  MealPlanDto,
  MealPlanPageDto,
  UpdateMealPlanDto,
} from './meal-plans.dto.js';
import { MealPlansService } from './meal-plans.service.js';

@Section(
  'Meal plans',
  'Days of meals to log again and again. A plan is nothing that was eaten, and counts in no sum. [The guide](/docs/guide/nutrition#meal-plans).',
)
@Shareable(meals)
@Controller('api/meal-plans')
export class MealPlansController {
  constructor(private readonly plans: MealPlansService) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a meal plan',
    description:
      'An item with `food_id` and `amount`, but without values, gets those of the food as it is now, and keeps them. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: MealPlanDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createMealPlan(@CurrentActor() actor: Actor, @Body() input: CreateMealPlanDto) {
    return this.plans.create(actor, input);
  }

  @Get()
  @Endpoint({ summary: 'List meal plans', description: 'The newest first.', returns: MealPlanPageDto })
  async listMealPlans(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.plans.of(actor).list(query));
  }

  @Get(':id')
  @IdParam('The meal plan.')
  @Endpoint({
    summary: 'Get a meal plan',
    description: 'A deleted plan, or one of another person, is answered with 404.',
    returns: MealPlanDto,
    errors: ['not-found'],
  })
  getMealPlan(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.plans.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The meal plan.')
  @Endpoint({
    summary: 'Update a meal plan',
    description:
      'Meals that were logged with it stay as they are. An item that is sent without values keeps those of an equal item that is stored, else it gets those of its food.',
    returns: MealPlanDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateMealPlan(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() input: UpdateMealPlanDto,
  ) {
    return this.plans.update(actor, id, input);
  }

  @Post(':id/log')
  @IdParam('The meal plan.')
  @Idempotent()
  @Endpoint({
    summary: 'Log a meal plan',
    description:
      'Creates all meals of the plan on a day, or none, with the values that the plan has. A time that the clock skips comes as much later as the clock is set forward. To repeat it safely, send an `Idempotency-Key`: without one, the meals are created again.',
    status: 201,
    returns: CreatedMealsDto,
    errors: ['not-found', 'quota-exceeded', 'idempotency-key-reused'],
  })
  async logMealPlan(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() input: LogMealPlanDto,
  ) {
    return { data: await this.plans.log(actor, id, input) };
  }

  @Delete(':id')
  @IdParam('The meal plan.')
  @Endpoint({
    summary: 'Delete a meal plan',
    description: 'Meals that were logged with it stay. Other devices get the deletion by sync.',
    status: 204,
    errors: ['not-found'],
  })
  deleteMealPlan(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.plans.of(actor).remove(actor, id);
  }
}
