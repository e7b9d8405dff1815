import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { UsersModule } from '../../identity/public.js';
import { DaySources } from './day-sources.js';
import { GoalJob } from './goal-job.entity.js';
import { GoalJobsRepository } from './goal-jobs.repository.js';
import { GoalKeeper } from './goal-keeper.js';
import { GoalLetters } from './goal-letters.js';
import { GoalMarks } from './goal-marks.js';
import { GoalProgress } from './goal-progress.js';
import { GoalValues } from './goal-values.js';
import { GoalWorker } from './goal-worker.js';
import { GoalsPolicy } from './goals.policy.js';
import { GoalsController } from './goals.controller.js';
import { GoalsService } from './goals.service.js';
import { KeptPeriodsRepository } from './kept-periods.repository.js';

@Module({
  imports: [DiscoveryModule, TypeOrmModule.forFeature([GoalJob]), UsersModule],
  controllers: [GoalsController],
  providers: [
    DaySources,
    GoalJobsRepository,
    GoalKeeper,
    GoalLetters,
    GoalMarks,
    GoalsPolicy,
    GoalProgress,
    GoalValues,
    GoalsService,
    GoalWorker,
    KeptPeriodsRepository,
  ],
})
export class GoalsModule {}
