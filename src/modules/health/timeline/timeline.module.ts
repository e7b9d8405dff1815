import { Module } from '@nestjs/common';
import { UsersModule } from '../../identity/public.js';
import { TimelineController } from './timeline.controller.js';
import { TimelineRecords } from './timeline-records.js';
import { TimelineService } from './timeline.service.js';

/** Everything that a person logged, of all kinds. */
@Module({
  imports: [UsersModule],
  controllers: [TimelineController],
  providers: [TimelineService, TimelineRecords],
})
export class TimelineModule {}
