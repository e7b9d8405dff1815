import { Module } from '@nestjs/common';
import { UsersModule } from '../../identity/public.js';
import { AdherenceDayValues } from './adherence-day-values.js';
import { DosesController } from './doses.controller.js';
import { DosesService } from './doses.service.js';
import { IntakesController } from './intakes.controller.js';
import { LotsController } from './lots.controller.js';
import { MedicationsController } from './medications.controller.js';
import { OverviewController } from './overview.controller.js';
import { OverviewService } from './overview.service.js';
import { SchedulesController } from './schedules.controller.js';

@Module({
  imports: [UsersModule],
  // Fixed routes come before those of one medication.
  controllers: [
    DosesController,
    OverviewController,
    MedicationsController,
    SchedulesController,
    IntakesController,
    LotsController,
  ],
  providers: [AdherenceDayValues, DosesService, OverviewService],
})
export class MedicationsModule {}
