import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { foods } from '../foods/foods.scopes.js';
import {
  CreateFoodFavoriteDto,
  FavoriteFoodsDto,
  FavoriteFoodsQuery,
  FoodFavoriteDto,
  FoodFavoritePageDto,
} from './food-favorites.dto.js';
import { FoodFavoritesService } from './food-favorites.service.js';

@Section(
  'Food favourites',
  'Foods that a person marked, to find them again. [The guide](/docs/guide/nutrition#favourites).',
)
@Shareable(foods)
@Controller('api/food-favorites')
export class FoodFavoritesController {
  constructor(private readonly favorites: FoodFavoritesService) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Mark a food',
    description: 'A food that is marked already is answered as it is, so it can be repeated safely.',
    status: 201,
    returns: FoodFavoriteDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createFoodFavorite(@CurrentActor() actor: Actor, @Body() input: CreateFoodFavoriteDto) {
    return this.favorites.mark(actor, input);
  }

  @Get()
  @Endpoint({
    summary: 'List favourites',
    description: 'The newest first. The foods themselves are at `GET /api/food-favorites/foods`.',
    returns: FoodFavoritePageDto,
  })
  async listFoodFavorites(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.favorites.of(actor).list(query));
  }

  @Get('foods')
  @Endpoint({
    summary: 'List favourite foods',
    description: 'The foods that were marked last, with their values as they are now.',
    returns: FavoriteFoodsDto,
  })
  async listFavoriteFoods(@CurrentActor() actor: Actor, @Query() { limit }: FavoriteFoodsQuery) {
    return { data: await this.favorites.foodsOf(actor, limit) };
  }

  @Get(':id')
  @IdParam('The favourite.')
  @Endpoint({
    summary: 'Get a favourite',
    description: 'One that is not marked any more, or of another person, is answered with 404.',
    returns: FoodFavoriteDto,
    errors: ['not-found'],
  })
  getFoodFavorite(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.favorites.of(actor).get(id);
  }

  @Delete(':id')
  @IdParam('The favourite.')
  @Endpoint({
    summary: 'Unmark a food',
    description: 'The food stays. It can be marked again.',
    status: 204,
    errors: ['not-found'],
  })
  deleteFoodFavorite(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.favorites.of(actor).remove(actor, id);
  }
}
