import { Module } from '@nestjs/common';
import { AccessLogController } from './access-log.controller.js';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';

@Module({
  controllers: [AccessLogController, AuditController],
  providers: [AuditService, AuditRepository],
  exports: [AuditService],
})
export class AuditTrailModule {}
