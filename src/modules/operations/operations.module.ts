import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { ProblemsController } from './problems.controller.js';
import { Readiness } from './readiness.js';

/** What the people who run the service look at. */
@Module({ controllers: [HealthController, ProblemsController], providers: [Readiness], exports: [Readiness] })
export class OperationsModule {}
