import { Module } from '@nestjs/common';
import { UsersModule } from '../../identity/public.js';
import { DosesController } from './doses.controller.js';
import { DosesService } from './doses.service.js';
import { IntakesController } from './intakes.controller.js';
import { MedicationsController } from './medications.controller.js';
import { SchedulesController } from './schedules.controller.js';

@Module({
  imports: [UsersModule],
  // The routes of doses come before those of one medication.
  controllers: [DosesController, MedicationsController, SchedulesController, IntakesController],
  providers: [DosesService],
})
export class MedicationsModule {}
