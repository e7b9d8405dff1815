import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { ProblemsController } from './problems.controller.js';
import { Readiness } from './readiness.js';

/** What the people who run the service look at. */
@Module({
  controllers: [HealthController, MetricsController, ProblemsController],
  providers: [Readiness, Metrics],
  exports: [Readiness, Metrics],
})
export class OperationsModule {}
