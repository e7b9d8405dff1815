import { Module } from '@nestjs/common';
import { WeightSyncController } from './weight-sync.controller.js';
import { WeightSyncService } from './weight-sync.service.js';
import { WeightController } from './weight.controller.js';
import { WeightRepository } from './weight.repository.js';
import { WeightService } from './weight.service.js';

@Module({
  // The fixed path `sync` before `:id`.
  controllers: [WeightSyncController, WeightController],
  providers: [WeightService, WeightSyncService, WeightRepository],
})
export class HealthMetricsModule {}
