import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditHead } from './audit-head.entity.js';
import { AuditLog } from './audit-log.js';
import { AuditRefusals } from './audit-refusals.js';
import { RefusalSums } from './refusal-sums.js';

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([AuditEntry, AuditHead])],
  providers: [AuditLog, AuditRefusals, RefusalSums],
  exports: [AuditLog],
})
export class AuditModule {}
