import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { PeriodQuery } from '../../../records/define/record.dto.js';
import { CopyMealsDto, CreatedMealsDto } from './meal-copies.dto.js';
import {
  CreateMealDto,
  MealDto,
  MealPageDto,
  MealSummaryDto,
  MealSummaryQuery,
  UpdateMealDto,
} from './meals.dto.js';
import { meals } from './meals.scopes.js';
import { MealsService } from './meals.service.js';
import { NewMealsService } from './new-meals.service.js';

@Section('Meals', 'What a person ate, and sums by day. An unknown value of an item does not count as zero.')
@Shareable(meals)
@Controller('api/meals')
export class MealsController {
  constructor(
    private readonly meals: MealsService,
    private readonly newMeals: NewMealsService,
  ) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a meal',
    description:
      'An item with `food_id` and `amount`, but without values, gets those of the food as it is now, and keeps them. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: MealDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createMeal(@CurrentActor() actor: Actor, @Body() input: CreateMealDto) {
    return this.meals.create(actor, input);
  }

  @Post('copy')
  @Idempotent()
  @Endpoint({
    summary: 'Copy meals to another day',
    description:
      'Copies the meals of a local day, at most 100, to the same local times of another day, with their values: all or none. A time that the clock skips comes as much later as the clock is set forward. To repeat it safely, send an `Idempotency-Key`: without one, the meals are copied again.',
    status: 201,
    returns: CreatedMealsDto,
    errors: ['quota-exceeded', 'idempotency-key-reused'],
  })
  async copyMeals(@CurrentActor() actor: Actor, @Body() input: CopyMealsDto) {
    return { data: await this.newMeals.copy(actor, input) };
  }

  @Get()
  @Endpoint({
    summary: 'List meals',
    description: 'The most recently eaten first. `pagination.total` counts all meals that match the filters.',
    returns: MealPageDto,
  })
  async listMeals(@CurrentActor() actor: Actor, @Query() query: PeriodQuery) {
    return pageOf(query, await this.meals.of(actor).list(query, query));
  }

  @Get('summary')
  @Endpoint({
    summary: 'Get daily nutrition totals',
    description: 'Each meal counts for the local day at the place where it was eaten.',
    returns: MealSummaryDto,
  })
  async summarizeMeals(@CurrentActor() actor: Actor, @Query() { from, to }: MealSummaryQuery) {
    return { data: await this.meals.of(actor).days(from, to) };
  }

  @Get(':id')
  @IdParam('The meal.')
  @Endpoint({
    summary: 'Get a meal',
    description: 'A deleted meal, or one of another person, is answered with 404.',
    returns: MealDto,
    errors: ['not-found'],
  })
  getMeal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.meals.of(actor).get(id);
  }

  @Put(':id')
  @IdParam('The meal.')
  @Endpoint({
    summary: 'Update a meal',
    description:
      'Fields that are not sent do not change; `items` is replaced as a whole. An item that is sent without values keeps those of an equal item that is stored, else it gets those of its food.',
    returns: MealDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateMeal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string, @Body() input: UpdateMealDto) {
    return this.meals.update(actor, id, input);
  }

  @Delete(':id')
  @IdParam('The meal.')
  @Endpoint({
    summary: 'Delete a meal',
    description: 'Other devices get the deletion by sync.',
    status: 204,
    errors: ['not-found'],
  })
  deleteMeal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.meals.of(actor).remove(actor, id);
  }
}
