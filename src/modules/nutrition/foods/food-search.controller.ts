import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { FoodSearchService } from './food-search.service.js';
import { foods } from './foods.scopes.js';
import { FoodSearchDto, FoodSearchQuery, FoundFoodDto, ScannedFoodsDto } from './found-foods.dto.js';
import { CIQUAL, sharedFoodId } from './shared/food-sources.js';

/** The first food of the starter set. */
const EXAMPLE = sharedFoodId(CIQUAL, '1002');

@Section(
  'Food search',
  'Finds foods: those of your own, and shared ones from public tables, which nobody can change. [The guide](/docs/guide/nutrition#search).',
)
@Shareable(foods)
@Controller('api/foods')
export class FoodSearchController {
  constructor(private readonly search: FoodSearchService) {}

  @Get('search')
  @Endpoint({
    summary: 'Search foods',
    description:
      'All words must match, the last one by its beginning: send what the person has typed so far. Of a search with more than 100 shared matches, the first 100 in the order of their import are ranked.',
    returns: FoodSearchDto,
  })
  async searchFoods(@CurrentActor() { userId }: Actor, @Query() { q, limit }: FoodSearchQuery) {
    return { data: await this.search.search(userId, q, limit) };
  }

  @Get('barcode/:gtin')
  @ApiParam({
    name: 'gtin',
    description: 'The barcode: 8, 12, 13 or 14 digits.',
    schema: { type: 'string', maxLength: 14, example: '4006381333931' },
  })
  @Endpoint({
    summary: 'Find foods by a barcode',
    description:
      'Where the server may ask Open Food Facts, a barcode without any food is looked up there, which takes at most some seconds.',
    returns: ScannedFoodsDto,
  })
  findFoodsByBarcode(@CurrentActor() { userId }: Actor, @Param('gtin') gtin: string) {
    return this.search.byBarcode(userId, gtin);
  }

  @Get('shared/:food_id')
  @ApiParam({
    name: 'food_id',
    description: 'The shared food.',
    schema: { type: 'string', format: 'uuid', example: EXAMPLE },
  })
  @Endpoint({
    summary: 'Get a shared food',
    description: 'A food with the origin `shared`. Foods of people are at `/api/foods/{id}`.',
    returns: FoundFoodDto,
    errors: ['not-found'],
  })
  getSharedFood(@Param('food_id', UuidPipe) id: string) {
    return this.search.sharedById(id);
  }
}
