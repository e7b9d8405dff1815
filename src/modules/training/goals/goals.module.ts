import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { UsersModule } from '../../identity/public.js';
import { DaySources } from './day-sources.js';
import { GoalValues } from './goal-values.js';
import { GoalsController } from './goals.controller.js';
import { GoalsService } from './goals.service.js';

@Module({
  imports: [DiscoveryModule, UsersModule],
  controllers: [GoalsController],
  providers: [DaySources, GoalValues, GoalsService],
})
export class GoalsModule {}
