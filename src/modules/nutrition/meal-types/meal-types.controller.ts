import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { meals } from '../meals/meals.scopes.js';
import {
  CreateOwnMealTypeDto,
  OwnMealTypeDto,
  OwnMealTypePageDto,
  UpdateOwnMealTypeDto,
} from './meal-types.dto.js';
import { MealTypesRepository } from './meal-types.repository.js';

@Section(
  'Meal types',
  'Meals of the day of your own, beside breakfast, lunch, dinner and snack. A meal names one with `meal_type_id`.',
)
@Shareable(meals)
@Controller('api/meal-types')
export class MealTypesController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a meal type',
    description: 'To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: OwnMealTypeDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createMealType(@CurrentActor() actor: Actor, @Body() { id, ...input }: CreateOwnMealTypeDto) {
    return this.of(actor).create(actor, id, { ...input });
  }

  @Get()
  @Endpoint({
    summary: 'List meal types',
    description: 'The newest first. An app shows them by their `position`.',
    returns: OwnMealTypePageDto,
  })
  async listMealTypes(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  @Get(':id')
  @IdParam('The meal type.')
  @Endpoint({
    summary: 'Get a meal type',
    description: 'A deleted meal type, or one of another person, is answered with 404.',
    returns: OwnMealTypeDto,
    errors: ['not-found'],
  })
  getMealType(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The meal type.')
  @Endpoint({
    summary: 'Update a meal type',
    description: 'Meals that name it have the new name from then on.',
    returns: OwnMealTypeDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateMealType(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateOwnMealTypeDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The meal type.')
  @Endpoint({
    summary: 'Delete a meal type',
    description:
      'Meals keep its id and their `meal_type`. To keep its name for old meals, hide it instead of deleting it.',
    status: 204,
    errors: ['not-found'],
  })
  deleteMealType(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): MealTypesRepository {
    return new MealTypesRepository(this.records, person(userId));
  }
}
