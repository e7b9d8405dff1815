import { Module } from '@nestjs/common';
import { QuotasModule } from '../../../kernel/quotas/quotas.module.js';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';

@Module({ imports: [QuotasModule], controllers: [UsageController], providers: [UsageService] })
export class UsageModule {}
