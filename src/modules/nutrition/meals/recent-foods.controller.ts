import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor, ShareableInPart } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { MealsService } from './meals.service.js';
import { RecentFoodsDto, RecentFoodsQuery } from './recent-foods.dto.js';

@Section('Recent foods', 'What a person ate last, to log it again.')
@ShareableInPart()
@Controller('api/foods')
export class RecentFoodsController {
  constructor(private readonly meals: MealsService) {}

  @Get('recent')
  @Endpoint({
    summary: 'List recent foods',
    description:
      'The foods of the latest 200 meals, and the names of items without a food, each once. It reads meals, too, so an API key needs `meals:read` beside `foods:read`.',
    returns: RecentFoodsDto,
    errors: ['insufficient-scope'],
  })
  async listRecentFoods(@CurrentActor() actor: Actor, @Query() { limit }: RecentFoodsQuery) {
    return { data: await this.meals.recentFoods(actor, limit) };
  }
}
