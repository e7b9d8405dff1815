import { Module } from '@nestjs/common';
import { UsersModule } from '../../identity/public.js';
import { SleepController } from './sleep.controller.js';

@Module({ imports: [UsersModule], controllers: [SleepController] })
export class SleepModule {}
