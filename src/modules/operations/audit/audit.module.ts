import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditEntry } from '../../../kernel/audit/audit-entry.entity.js';
import { AuditHead } from '../../../kernel/audit/audit-head.entity.js';
import { AccessLogController } from './access-log.controller.js';
import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([AuditEntry, AuditHead])],
  controllers: [AccessLogController, AuditController],
  providers: [AuditService, AuditRepository],
  exports: [AuditService],
})
export class AuditTrailModule {}
