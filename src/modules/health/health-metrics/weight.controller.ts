import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import { metrics } from './metrics.scopes.js';
import { shownWeight, shownWeights } from './weight-readings.js';
import {
  CreateWeightDto,
  UpdateWeightDto,
  WeightEntryDto,
  WeightPageDto,
  WeightQuery,
} from './weight.dto.js';
import { WeightRepository } from './weight.repository.js';

@Section('Weight', 'Body weights, one at a time. Value and unit are returned exactly as they were entered.')
@Shareable(metrics)
@Controller('api/health-metrics/weight')
export class WeightController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a weight',
    description:
      'To repeat it safely, send an `external_id`, an `Idempotency-Key`, or an `id` that the client created. An `external_id` that is stored already changes the weight only where its source says something else. A weight that the person deleted is not stored again: `id-taken`.',
    status: 201,
    returns: WeightEntryDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  async createWeight(@CurrentActor() actor: Actor, @Body() body: CreateWeightDto) {
    return shownWeight(await this.of(actor).store(actor, body));
  }

  @Get()
  @Endpoint({
    summary: 'List weights',
    description:
      'The most recently measured first. `pagination.total` counts all entries that match the filters.',
    returns: WeightPageDto,
  })
  async listWeights(@CurrentActor() actor: Actor, @Query() query: WeightQuery) {
    return pageOf(query, shownWeights(await this.of(actor).list(query, query)));
  }

  @Get(':id')
  @IdParam('The entry.')
  @Endpoint({
    summary: 'Get a weight',
    description: 'A deleted entry, or one of another person, is answered with 404.',
    returns: WeightEntryDto,
    errors: ['not-found'],
  })
  async getWeight(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return shownWeight(await this.of(actor).get(id));
  }

  @Put(':id')
  @IdParam('The entry.')
  @Endpoint({
    summary: 'Update a weight',
    description: 'Fields that are not sent do not change; a value and its unit must be sent together.',
    returns: WeightEntryDto,
    errors: ['not-found', 'version-conflict'],
  })
  async updateWeight(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateWeightDto,
  ) {
    return shownWeight(await this.of(actor).update(actor, id, { ...input }, version));
  }

  @Delete(':id')
  @IdParam('The entry.')
  @Endpoint({
    summary: 'Delete a weight',
    description: 'Other devices get the deletion by sync.',
    status: 204,
    errors: ['not-found'],
  })
  deleteWeight(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): WeightRepository {
    return new WeightRepository(this.records, person(userId));
  }
}
