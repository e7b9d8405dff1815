import { Module } from '@nestjs/common';
import { ClientVersions } from './client-versions.js';
import { ConflictsController } from './conflicts.controller.js';
import { ConflictsRepository } from './conflicts.repository.js';
import { ConflictsService } from './conflicts.service.js';
import { DailyRetention } from './daily-retention.js';
import { EpochsService } from './epochs.service.js';
import { MutationLog } from './mutation-log.js';
import { PullController } from './pull.controller.js';
import { PullService } from './pull.service.js';
import { PushController } from './push.controller.js';
import { PushService } from './push.service.js';
import { RetentionService } from './retention.service.js';
import { StatusController } from './status.controller.js';
import { StatusService } from './status.service.js';

@Module({
  controllers: [PullController, PushController, StatusController, ConflictsController],
  providers: [
    PullService,
    PushService,
    MutationLog,
    StatusService,
    ConflictsService,
    ConflictsRepository,
    EpochsService,
    RetentionService,
    DailyRetention,
    ClientVersions,
  ],
})
export class SyncModule {}
