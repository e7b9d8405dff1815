import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../kernel/http/actor.js';
import { pageWire } from '../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { fromWire, toWire } from '../../kernel/http/wire.js';
import { Idempotent } from '../../kernel/idempotency/idempotency.interceptor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import {
  CreateMealDto,
  MealDto,
  MealListQuery,
  MealPageDto,
  MealSummaryDto,
  MealSummaryQuery,
  UpdateMealDto,
} from './meals.dto.js';
import { MealsService } from './meals.service.js';

@Section('Meals', 'What was eaten, and sums by day. What is not known of an item does not count as zero.')
@Shareable('meals')
@Controller('api/meals')
export class MealsController {
  constructor(private readonly meals: MealsService) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Add a meal',
    description: 'Repeatable with an `Idempotency-Key`, or with an `id` made by the client.',
    status: 201,
    returns: MealDto,
    errors: ['id-taken', 'idempotency-key-reused'],
  })
  async createMeal(@CurrentActor() actor: Actor, @Body() body: CreateMealDto): Promise<MealDto> {
    const { id, ...input } = fromWire(CreateMealDto, body);
    return toWire(MealDto, await this.meals.create(actor, id, input));
  }

  @Get()
  @Endpoint({
    summary: 'List meals',
    description: 'The last eaten first. `pagination.total` counts what the filters let through.',
    returns: MealPageDto,
  })
  async listMeals(@CurrentActor() actor: Actor, @Query() query: MealListQuery): Promise<MealPageDto> {
    const { limit, offset, ...filter } = fromWire(MealListQuery, query);
    return pageWire(MealDto, await this.meals.list(actor, filter, { limit, offset }), { limit, offset });
  }

  @Get('summary')
  @Endpoint({
    summary: 'Sum up meals by day',
    description: 'Each meal counts for the day it was where it was eaten.',
    returns: MealSummaryDto,
  })
  async summarizeMeals(
    @CurrentActor() actor: Actor,
    @Query() { from, to }: MealSummaryQuery,
  ): Promise<MealSummaryDto> {
    return { data: await this.meals.days(actor, from, to) };
  }

  @Get(':id')
  @IdParam('The meal.')
  @Endpoint({
    summary: 'Read a meal',
    description: 'One that was deleted, or that belongs to somebody else, is 404.',
    returns: MealDto,
    errors: ['not-found'],
  })
  async getMeal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<MealDto> {
    return toWire(MealDto, await this.meals.get(actor, id));
  }

  @Put(':id')
  @IdParam('The meal.')
  @Endpoint({
    summary: 'Change a meal',
    description: 'Only the fields that are sent change; `items` is replaced as a whole.',
    returns: MealDto,
    errors: ['not-found', 'version-conflict'],
  })
  async updateMeal(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() body: UpdateMealDto,
  ): Promise<MealDto> {
    const { version, ...input } = fromWire(UpdateMealDto, body);
    return toWire(MealDto, await this.meals.update(actor, id, input, version));
  }

  @Delete(':id')
  @IdParam('The meal.')
  @Endpoint({
    summary: 'Delete a meal',
    description: 'Other devices learn of it by sync.',
    status: 204,
    errors: ['not-found'],
  })
  async deleteMeal(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    await this.meals.remove(actor, id);
  }
}
