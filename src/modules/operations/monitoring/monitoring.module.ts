import { Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

/** Metrics for Prometheus. */
@Module({ controllers: [MetricsController], providers: [Metrics], exports: [Metrics] })
export class MonitoringModule {}
