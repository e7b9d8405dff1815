import { Controller, Get, Param, Query } from '@nestjs/common';
import { type Actor, CurrentActor, Shareable } from '../../../kernel/http/actor.js';
import { Endpoint } from '../../../kernel/http/openapi/endpoint.js';
import { HealthMetricsSection } from './health-metrics.controller.js';
import {
  LatestMetricsDto,
  MetricSummaryDto,
  MetricSummaryQuery,
  MetricTrendDto,
  MetricTrendQuery,
} from './metric-summary.dto.js';
import { MetricSummaryService } from './metric-summary.service.js';
import { KindParam, MetricNamePipe } from './metric-name.pipe.js';
import { metrics } from './metrics.scopes.js';

@HealthMetricsSection()
@Shareable(metrics)
@Controller('api/health-metrics')
export class MetricSummaryController {
  constructor(private readonly summaries: MetricSummaryService) {}

  @Get('latest')
  @Endpoint({
    summary: 'Get the newest reading of each kind',
    description: 'Weights included, and the body mass index of the newest weight and height.',
    returns: LatestMetricsDto,
  })
  getLatestMetrics(@CurrentActor() actor: Actor) {
    return this.summaries.latest(actor);
  }

  @Get(':kind/summary')
  @KindParam()
  @Endpoint({
    summary: 'Summarize readings',
    description:
      'By local hour, day, week or month, in the canonical unit. The result does not depend on the order of uploads, nor on how often or by how many sources a time was uploaded. With `explain=true`, each bucket of a kind with the roll-up `sum` says which source counts for each piece of time.',
    returns: MetricSummaryDto,
    errors: ['not-found'],
  })
  summarizeMetric(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Query() query: MetricSummaryQuery,
  ) {
    return this.summaries.summary(actor, metric, query);
  }

  @Get(':kind/trend')
  @KindParam()
  @Endpoint({
    summary: 'Get the trend of a kind',
    description:
      'The daily values, smoothed exponentially, and a forecast with a band. With fewer than 14 days of data there is no forecast. Not medical advice.',
    returns: MetricTrendDto,
    errors: ['not-found'],
  })
  getMetricTrend(
    @CurrentActor() actor: Actor,
    @Param('kind', MetricNamePipe) metric: string,
    @Query() query: MetricTrendQuery,
  ) {
    return this.summaries.trend(actor, metric, query);
  }
}
