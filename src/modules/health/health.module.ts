import { Module } from '@nestjs/common';
import { HealthMetricsModule } from './health-metrics/health-metrics.module.js';

/** Body measurements of a person. */
@Module({ imports: [HealthMetricsModule] })
export class HealthModule {}
