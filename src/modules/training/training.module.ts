import { Module } from '@nestjs/common';
import { GoalsModule } from './goals/goals.module.js';

/** Goals. */
@Module({ imports: [GoalsModule] })
export class TrainingModule {}
