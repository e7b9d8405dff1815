import { Controller, Get, Query } from '@nestjs/common';
import { type Actor, CurrentActor, ShareableInPart } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { TimelineDto, TimelineQuery } from './timeline.dto.js';
import { TimelineService } from './timeline.service.js';

@Section('Timeline', 'Everything that a person logged, of all kinds, in one feed.')
@ShareableInPart()
@Controller('api/timeline')
export class TimelineController {
  constructor(private readonly timeline: TimelineService) {}

  @Get()
  @Endpoint({
    summary: 'Get the timeline',
    description:
      'Weights, readings, sleep, meals and what later modules add, the newest first. Records of one instant are sorted by kind and id. What is added while you page shifts nothing. An API key sees the kinds that its scopes include.',
    returns: TimelineDto,
  })
  getTimeline(@CurrentActor() actor: Actor, @Query() query: TimelineQuery) {
    return this.timeline.page(actor, query);
  }
}
