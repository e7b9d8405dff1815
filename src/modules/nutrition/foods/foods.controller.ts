import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { CreateFoodDto, FoodDto, FoodPageDto, UpdateFoodDto } from './foods.dto.js';
import { FoodsRepository } from './foods.repository.js';
import { foods } from './foods.scopes.js';
import { NutrientListDto } from './nutrients.dto.js';
import { MOST, NUTRIENTS } from './nutrients.js';

@Section(
  'Foods',
  'Foods with what 100 g or 100 ml of them contain. An unknown value does not count as zero. [The guide](/docs/guide/nutrition).',
)
@Shareable(foods)
@Controller('api/foods')
export class FoodsController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a food',
    description:
      'Only you can find it, and who has your permission to read foods. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: FoodDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createFood(@CurrentActor() actor: Actor, @Body() { id, ...input }: CreateFoodDto) {
    return this.of(actor).create(actor, id, { ...input });
  }

  @Get()
  @Endpoint({
    summary: 'List foods',
    description: 'Foods of your own, the newest first.',
    returns: FoodPageDto,
  })
  async listFoods(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  @Get('nutrients')
  @Endpoint({
    summary: 'List nutrients',
    description: 'The nutrients that foods may have, with their units. Build your forms from it.',
    returns: NutrientListDto,
  })
  listNutrients() {
    return { data: NUTRIENTS.map((nutrient) => ({ ...nutrient, maximum: MOST[nutrient.unit] })) };
  }

  @Get(':id')
  @IdParam('The food.')
  @Endpoint({
    summary: 'Get a food',
    description: 'A deleted food, or one of another person, is answered with 404.',
    returns: FoodDto,
    errors: ['not-found'],
  })
  getFood(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The food.')
  @Endpoint({
    summary: 'Update a food',
    description: 'Meals that were entered with it keep their values.',
    returns: FoodDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateFood(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateFoodDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The food.')
  @Endpoint({
    summary: 'Delete a food',
    description: 'Meals that were entered with it keep their values. Other devices get the deletion by sync.',
    status: 204,
    errors: ['not-found'],
  })
  deleteFood(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): FoodsRepository {
    return new FoodsRepository(this.records, person(userId));
  }
}
