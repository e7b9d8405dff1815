import { Module } from '@nestjs/common';
import { UsersModule } from '../../identity/public.js';
import { CustomMetricsController } from './custom-metrics.controller.js';
import { HealthMetricsController } from './health-metrics.controller.js';
import { HealthMetricsService } from './health-metrics.service.js';
import { KeptSums, KeptSumsPolicy } from './kept-sums.js';
import { MetricDayValues } from './metric-day-values.js';
import { MetricSummaryController } from './metric-summary.controller.js';
import { MetricSummaryService } from './metric-summary.service.js';
import { WeightSyncController } from './weight-sync.controller.js';
import { WeightSyncService } from './weight-sync.service.js';
import { WeightController } from './weight.controller.js';

@Module({
  imports: [UsersModule],
  // The first controller has the path `sync`, which must be registered before `:id`; weights are registered before `:kind`.
  controllers: [
    WeightSyncController,
    WeightController,
    CustomMetricsController,
    MetricSummaryController,
    HealthMetricsController,
  ],
  providers: [
    HealthMetricsService,
    KeptSums,
    KeptSumsPolicy,
    MetricDayValues,
    MetricSummaryService,
    WeightSyncService,
  ],
})
export class HealthMetricsModule {}
