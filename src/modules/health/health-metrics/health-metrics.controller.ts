import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { Section } from '../../../kernel/http/openapi/section.js';
import { pageOf } from '../../../kernel/http/paging.js';
import { IdParam, UuidPipe } from '../../../kernel/http/uuid.pipe.js';
import { Idempotent } from '../../../kernel/idempotency/idempotency.interceptor.js';
import {
  AllMetricsQuery,
  BulkHealthMetricsDto,
  BulkHealthMetricsResultDto,
  CreateHealthMetricDto,
  CreateMetricOfKindDto,
  HealthMetricDto,
  HealthMetricPageDto,
  HealthMetricQuery,
  UpdateHealthMetricDto,
} from './health-metrics.dto.js';
import { HealthMetricsService } from './health-metrics.service.js';
import { kindTable } from './metric-kinds.docs.js';
import { MetricKindsDto } from './metric-kinds.dto.js';
import { KindParam, MetricNamePipe, queriedKind } from './metric-name.pipe.js';
import { metrics } from './metrics.scopes.js';

const REPEAT =
  'To repeat it safely, send an `external_id`, an `Idempotency-Key`, or an `id` that the client created. An `external_id` that is stored already changes the reading only where the values differ. A reading that the person deleted is not stored again: `id-taken`.';

export const HealthMetricsSection = () =>
  Section(
    'Health metrics',
    'Readings of all kinds. Value and unit are returned exactly as they were entered, and each reading belongs to one local day. `body_weight` is read here and written at `/api/health-metrics/weight`.',
  );

@HealthMetricsSection()
@Shareable(metrics)
@Controller('api/health-metrics')
export class HealthMetricsController {
  constructor(private readonly readings: HealthMetricsService) {}

  @Get('kinds')
  @Endpoint({
    summary: 'List the kinds of health metrics',
    description: `Units, ranges, codes and the roll-up of every kind, and your own kinds at the end. The kinds that everybody has:\n\n${kindTable}`,
    returns: MetricKindsDto,
  })
  async listMetricKinds(@CurrentActor() actor: Actor) {
    return { data: await this.readings.kinds(actor) };
  }

  @Post()
  @Idempotent()
  @Endpoint({
    summary: 'Create a reading',
    description: REPEAT,
    status: 201,
    returns: HealthMetricDto,
    errors: ['id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createHealthMetric(@CurrentActor() actor: Actor, @Body() body: CreateHealthMetricDto) {
    return this.readings.create(actor, body);
  }

  @Get()
  @Endpoint({
    summary: 'List readings of all kinds',
    description: 'The most recently measured first, weights among them.',
    returns: HealthMetricPageDto,
    errors: ['not-found'],
  })
  async listHealthMetrics(@CurrentActor() actor: Actor, @Query() { kind, ...query }: AllMetricsQuery) {
    return pageOf(query, await this.readings.list(actor, query, queriedKind(kind)));
  }

  @Post('bulk')
  @Idempotent()
  @Endpoint({
    summary: 'Create many readings',
    description:
      'Up to 500 readings of any kinds, in one transaction. Each gets its own result, in the order of the request. Repeat the request until an answer arrives: readings with an `external_id` or an `id` are stored once.',
    returns: BulkHealthMetricsResultDto,
    errors: ['idempotency-key-reused'],
  })
  async createHealthMetrics(@CurrentActor() actor: Actor, @Body() { readings }: BulkHealthMetricsDto) {
    return { data: await this.readings.createAll(actor, readings) };
  }

  @Post(':kind')
  @Idempotent()
  @KindParam()
  @Endpoint({
    summary: 'Create a reading of one kind',
    description: REPEAT,
    status: 201,
    returns: HealthMetricDto,
    errors: ['not-found', 'id-taken', 'quota-exceeded', 'idempotency-key-reused'],
  })
  createMetricOfKind(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Body() body: CreateMetricOfKindDto,
  ) {
    return this.readings.createOfKind(actor, metric, body);
  }

  @Get(':kind')
  @KindParam()
  @Endpoint({
    summary: 'List readings of one kind',
    description: 'The most recently measured first. `pagination.total` counts all that match the filters.',
    returns: HealthMetricPageDto,
    errors: ['not-found'],
  })
  async listMetricsOfKind(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Query() query: HealthMetricQuery,
  ) {
    return pageOf(query, await this.readings.list(actor, query, metric));
  }

  @Get(':kind/:id')
  @KindParam()
  @IdParam('The reading.')
  @Endpoint({
    summary: 'Get a reading',
    description: 'A deleted reading, one of another kind, or one of another person, is answered with 404.',
    returns: HealthMetricDto,
    errors: ['not-found'],
  })
  getHealthMetric(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Param('id', UuidPipe) id: string,
  ) {
    return this.readings.get(actor, metric, id);
  }

  @Patch(':kind/:id')
  @KindParam()
  @IdParam('The reading.')
  @Endpoint({
    summary: 'Update a reading',
    description:
      'Fields that are not sent do not change; a value, or the components, and the unit must be sent together.',
    returns: HealthMetricDto,
    errors: ['not-found', 'version-conflict'],
  })
  updateHealthMetric(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Param('id', UuidPipe) id: string,
    @Body() body: UpdateHealthMetricDto,
  ) {
    return this.readings.update(actor, metric, id, body);
  }

  @Delete(':kind/:id')
  @KindParam()
  @IdParam('The reading.')
  @Endpoint({
    summary: 'Delete a reading',
    description:
      'Other devices get the deletion by sync. A deleted reading stays deleted when its source uploads it again.',
    status: 204,
    errors: ['not-found'],
  })
  deleteHealthMetric(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Param('id', UuidPipe) id: string,
  ) {
    return this.readings.remove(actor, metric, id);
  }
}
