import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf, PageQuery } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import { person } from '../../../records/define/person/person.owner.js';
import { Records } from '../../../records/write/records.js';
import {
  CreateCustomMetricDto,
  CustomMetricDto,
  CustomMetricPageDto,
  UpdateCustomMetricDto,
} from './custom-metrics.dto.js';
import { CustomMetricsRepository } from './custom-metrics.repository.js';
import { metrics } from './metrics.scopes.js';

@Section(
  'Custom metrics',
  'Kinds of reading of your own. Their readings are at `/api/health-metrics/custom:{id}`; only you can see them, and who has your permission to read metrics (`metrics:read`).',
)
@Shareable(metrics)
@Controller('api/custom-metrics')
export class CustomMetricsController {
  constructor(private readonly records: Records) {}

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a custom metric',
    description: 'To repeat it safely, send an `Idempotency-Key` or an `id` that the client created.',
    status: 201,
    returns: CustomMetricDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createCustomMetric(@CurrentActor() actor: Actor, @Body() { id, ...input }: CreateCustomMetricDto) {
    return this.of(actor).create(actor, id, { ...input });
  }

  @Get()
  @Endpoint({
    summary: 'List custom metrics',
    description: 'The newest first.',
    returns: CustomMetricPageDto,
  })
  async listCustomMetrics(@CurrentActor() actor: Actor, @Query() query: PageQuery) {
    return pageOf(query, await this.of(actor).list(query));
  }

  @Get(':id')
  @IdParam('The kind.')
  @Endpoint({
    summary: 'Get a custom metric',
    description: 'A deleted kind, or one of another person, is answered with 404.',
    returns: CustomMetricDto,
    errors: ['not-found'],
  })
  getCustomMetric(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).get(id);
  }

  @Patch(':id')
  @IdParam('The kind.')
  @Endpoint({
    summary: 'Update a custom metric',
    description:
      'Readings stay as they were entered. After a change of the unit, summaries count the readings in the new unit only.',
    returns: CustomMetricDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateCustomMetric(
    @CurrentActor() actor: Actor,
    @Param('id', UuidPipe) id: string,
    @Body() { version, ...input }: UpdateCustomMetricDto,
  ) {
    return this.of(actor).update(actor, id, { ...input }, version);
  }

  @Delete(':id')
  @IdParam('The kind.')
  @Endpoint({
    summary: 'Delete a custom metric',
    description:
      'Its readings are kept: they remain in `GET /api/health-metrics`, in sync and in the export. Delete them first if they should go, too.',
    status: 204,
    errors: ['not-found'],
  })
  deleteCustomMetric(@CurrentActor() actor: Actor, @Param('id', UuidPipe) id: string) {
    return this.of(actor).remove(actor, id);
  }

  private of({ userId }: Actor): CustomMetricsRepository {
    return new CustomMetricsRepository(this.records, person(userId));
  }
}
