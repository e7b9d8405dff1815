import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../../identity/public.js';
import { SourceDeletion } from '../sources/source-deletion.entity.js';
import { SourceTombstones } from '../sources/source-tombstones.js';
import { ImportAudience } from './import-audience.js';
import { ImportClaims } from './import-claims.js';
import { ImportFiles } from './import-files.js';
import { ImportHistory } from './import-history.js';
import { ImportKeeping } from './import-keeping.js';
import { ImportInspection } from './import-inspection.js';
import { ImportJob } from './import-job.entity.js';
import { ImportLeftovers } from './import-leftovers.js';
import { ImportOverwritten } from './import-overwritten.entity.js';
import { ImportRun } from './import-run.js';
import { ImportSlots } from './import-slots.js';
import { ImportStep } from './import-step.entity.js';
import { ImportUndo } from './import-undo.js';
import { ImportUpload } from './import-upload.js';
import { ImportWorker } from './import-worker.js';
import { ImportWriter } from './import-writer.js';
import { ImportsController } from './imports.controller.js';
import { ImportsGateway } from './imports.gateway.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';
import { ImportsService } from './imports.service.js';

/** Files of other apps and devices. */
@Module({
  imports: [
    UsersModule,
    TypeOrmModule.forFeature([ImportJob, ImportStep, ImportOverwritten, SourceDeletion]),
  ],
  controllers: [ImportsController],
  providers: [
    ImportsService,
    ImportsRepository,
    ImportsPolicy,
    ImportSlots,
    ImportUpload,
    ImportFiles,
    ImportInspection,
    ImportClaims,
    ImportWorker,
    ImportRun,
    ImportWriter,
    ImportUndo,
    SourceTombstones,
    ImportHistory,
    ImportKeeping,
    ImportLeftovers,
    ImportsGateway,
    ImportAudience,
  ],
})
export class ImportsModule {}
