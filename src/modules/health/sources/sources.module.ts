import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ImportJob } from '../imports/import-job.entity.js';
import { SourceDeletion } from './source-deletion.entity.js';
import { SourceDeletionSteps } from './source-deletion-steps.js';
import { SourceDeletionWorker } from './source-deletion-worker.js';
import { SourceDeletionsController } from './source-deletions.controller.js';
import { SourceDeletionsRepository } from './source-deletions.repository.js';
import { SourceDeletionsService } from './source-deletions.service.js';
import { SourceOrdersController } from './source-orders.controller.js';
import { SourceRecords } from './source-records.js';
import { SourcesController } from './sources.controller.js';
import { SourcesPolicy } from './sources.policy.js';
import { SourcesService } from './sources.service.js';

/** Where the data of a person comes from. */
@Module({
  imports: [TypeOrmModule.forFeature([SourceDeletion, ImportJob])],
  controllers: [SourcesController, SourceOrdersController, SourceDeletionsController],
  providers: [
    SourcesService,
    SourceRecords,
    SourceDeletionsService,
    SourceDeletionsRepository,
    SourceDeletionSteps,
    SourceDeletionWorker,
    SourcesPolicy,
  ],
})
export class SourcesModule {}
