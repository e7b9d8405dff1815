import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { UsersModule } from '../../identity/public.js';
import { DaySources } from './day-sources.js';
import { GoalsController } from './goals.controller.js';
import { GoalsService } from './goals.service.js';

@Module({
  imports: [DiscoveryModule, UsersModule],
  controllers: [GoalsController],
  providers: [DaySources, GoalsService],
})
export class GoalsModule {}
