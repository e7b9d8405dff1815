import { Module } from '@nestjs/common';
import { ClientsController } from './clients/clients.controller.js';
import { ClientsService } from './clients/clients.service.js';
import { ClientVersions } from './push/client-versions.js';
import { ConflictsController } from './conflicts/conflicts.controller.js';
import { ConflictsService } from './conflicts/conflicts.service.js';
import { Cursors } from './pull/cursor.js';
import { DailyRetention } from './retention/daily-retention.js';
import { DigestsService } from './status/digests.service.js';
import { EpochsService } from './pull/epochs.service.js';
import { MutationLog } from './push/mutation-log.js';
import { MutationsService } from './push/mutations.service.js';
import { PokesModule } from './pokes/pokes.module.js';
import { PullController } from './pull/pull.controller.js';
import { PullService } from './pull/pull.service.js';
import { PushController } from './push/push.controller.js';
import { PushService } from './push/push.service.js';
import { RetentionService } from './retention/retention.service.js';
import { StatusController } from './status/status.controller.js';
import { StatusService } from './status/status.service.js';

@Module({
  imports: [PokesModule],
  controllers: [PullController, PushController, StatusController, ClientsController, ConflictsController],
  providers: [
    PullService,
    PushService,
    MutationsService,
    MutationLog,
    StatusService,
    DigestsService,
    ClientsService,
    ConflictsService,
    EpochsService,
    Cursors,
    RetentionService,
    DailyRetention,
    ClientVersions,
  ],
})
export class SyncModule {}
