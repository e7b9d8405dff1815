import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { ItemFilling } from '../items/item-filling.service.js';
import { CreateRecipeDto, RecipeDto, RecipePageDto, UpdateRecipeDto } from './recipes.dto.js';
import { RecipesRepository } from './recipes.repository.js';
import { recipes } from './recipes.scopes.js';

@Section(
  'Recipes',
  'Dishes that a person makes of foods and of other recipes. An unknown value of an item does not count as zero. [The guide](/docs/guide/nutrition#recipes).',
)
@Shareable(recipes)
@Controller('api/recipes')
export class RecipesController {
  constructor(
    private readonly records: Records,
    private readonly filling: ItemFilling,
  ) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a recipe',
    description:
      'An item with a food or a recipe and how much of it, but without values, gets those of now, and keeps them. To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: RecipeDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createRecipe(@CurrentActor() actor: Actor, @Body() input: CreateRecipeDto) {
    return this.filling.create(this.of(actor), actor, input);
  }

  @Get()
  @Endpoint({ summary: 'List recipes', description: 'The newest first.', returns: RecipePageDto })
  async listRecipes(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  @Get(':id')
  @IdParam('The recipe.')
  @Endpoint({
    summary: 'Get a recipe',
    description: 'A deleted recipe, or one of another person, is answered with 404.',
    returns: RecipeDto,
    errors: ['not-found'],
  })
  getRecipe(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The recipe.')
  @Endpoint({
    summary: 'Update a recipe',
    description:
      'Meals and recipes that were entered with it keep their values. `items` is replaced as a whole: an item that is sent without values keeps those of an equal item that is stored.',
    returns: RecipeDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateRecipe(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() input: UpdateRecipeDto,
  ) {
    return this.filling.update(this.of(actor), actor, id, input);
  }

  @Delete(':id')
  @IdParam('The recipe.')
  @Endpoint({
    summary: 'Delete a recipe',
    description:
      'Meals and recipes that were entered with it keep their values. Other devices get the deletion by sync.',
    status: 204,
    errors: ['not-found'],
  })
  deleteRecipe(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): RecipesRepository {
    return new RecipesRepository(this.records, person(userId));
  }
}
