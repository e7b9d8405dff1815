import { Controller, Get } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { SourcesSection } from './source-orders.controller.js';
import { SourcesDto } from './sources.dto.js';
import { sources } from './sources.scopes.js';
import { SourcesService } from './sources.service.js';

@SourcesSection()
@Shareable(sources)
@Controller('api/sources')
export class SourcesController {
  constructor(private readonly service: SourcesService) {}

  @Get()
  @Endpoint({
    summary: 'List sources',
    description:
      'Every source that the person has data of, the most trusted first, with the number of its records by kind and when they were measured. An API key sees the kinds that its other scopes include: with `sources:read` alone it sees the order only.',
    returns: SourcesDto,
  })
  listSources(@CurrentActor() actor: Actor) {
    return this.service.list(actor);
  }
}
