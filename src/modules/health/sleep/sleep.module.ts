import { Module } from '@nestjs/common';
import { UsersModule } from '../../identity/public.js';
import { SleepDayValues } from './sleep-day-values.js';
import { SleepController } from './sleep.controller.js';

@Module({ imports: [UsersModule], controllers: [SleepController], providers: [SleepDayValues] })
export class SleepModule {}
