import { Module } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { AuditTrailModule } from './audit/audit.module.js';
import { DocsModule } from './docs/docs.module.js';
import { HealthChecksModule } from './health/health.module.js';
import { MonitoringModule } from './monitoring/monitoring.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { UsageModule } from './usage/usage.module.js';

/** Modules for the operators of the service. */
@Module({
  imports: [
    HealthChecksModule,
    MonitoringModule,
    DocsModule,
    AdminModule,
    AuditTrailModule,
    OutboxModule,
    UsageModule,
  ],
})
export class OperationsModule {}
