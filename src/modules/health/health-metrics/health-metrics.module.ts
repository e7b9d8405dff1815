import { Module } from '@nestjs/common';
import { WeightSyncController } from './weight-sync.controller.js';
import { WeightSyncService } from './weight-sync.service.js';
import { WeightController } from './weight.controller.js';

@Module({
  // The first controller has the path `sync`, which must be registered before `:id`.
  controllers: [WeightSyncController, WeightController],
  providers: [WeightSyncService],
})
export class HealthMetricsModule {}
