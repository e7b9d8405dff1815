import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../kernel/http/actor.js';
import { Endpoint } from '../../kernel/openapi/endpoint.js';
import { Section } from '../../kernel/openapi/section.js';
import { Idempotent } from '../../kernel/idempotency/idempotency.interceptor.js';
import { IdParam, UuidPipe } from '../../kernel/http/uuid.pipe.js';
import { pageWire } from '../../kernel/http/paging.js';
import { fromWire, toWire } from '../../kernel/http/wire.js';
import {
  CreateWeightDto,
  UpdateWeightDto,
  WeightEntryDto,
  WeightListQuery,
  WeightPageDto,
} from './weight.dto.js';
import { WeightService } from './weight.service.js';

@Section('Weight', 'Body weights, one at a time. Value and unit come back exactly as they were entered.')
@Shareable('metrics')
@Controller('api/health-metrics/weight')
export class WeightController {
  constructor(private readonly weights: WeightService) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Add a weight',
    description: 'Repeatable with an `Idempotency-Key`, or with an `id` made by the client.',
    status: 201,
    returns: WeightEntryDto,
    errors: ['id-taken', 'idempotency-key-reused'],
  })
  async createWeight(@CurrentActor() actor: Actor, @Body() body: CreateWeightDto): Promise<WeightEntryDto> {
    const { id, ...input } = fromWire(CreateWeightDto, body);
    return toWire(WeightEntryDto, await this.weights.create(actor, id, input));
  }

  @Get()
  @Endpoint({
    summary: 'List weights',
    description: 'The last measured first. `pagination.total` counts what the filters let through.',
    returns: WeightPageDto,
  })
  async listWeights(@CurrentActor() actor: Actor, @Query() query: WeightListQuery): Promise<WeightPageDto> {
    const { limit, offset, ...filter } = fromWire(WeightListQuery, query);
    return pageWire(WeightEntryDto, await this.weights.list(actor, filter, { limit, offset }), {
      limit,
      offset,
    });
  }

  @Get(':id')
  @IdParam('The entry.')
  @Endpoint({
    summary: 'Read a weight',
    description: 'One that was deleted, or that belongs to somebody else, is 404.',
    returns: WeightEntryDto,
    errors: ['not-found'],
  })
  async getWeight(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<WeightEntryDto> {
    return toWire(WeightEntryDto, await this.weights.get(actor, id));
  }

  @Put(':id')
  @IdParam('The entry.')
  @Endpoint({
    summary: 'Change a weight',
    description: 'Only the fields that are sent change; a value and its unit go together.',
    returns: WeightEntryDto,
    errors: ['not-found', 'version-conflict'],
  })
  async updateWeight(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() body: UpdateWeightDto,
  ): Promise<WeightEntryDto> {
    const { version, ...input } = fromWire(UpdateWeightDto, body);
    return toWire(WeightEntryDto, await this.weights.update(actor, id, input, version));
  }

  @Delete(':id')
  @IdParam('The entry.')
  @Endpoint({
    summary: 'Delete a weight',
    description: 'Other devices learn of it by sync.',
    status: 204,
    errors: ['not-found'],
  })
  async deleteWeight(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string): Promise<void> {
    await this.weights.remove(actor, id);
  }
}
