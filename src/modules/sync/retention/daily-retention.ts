import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Background } from '../../../platform/background.js';
import { describeError, Logger } from '../../../platform/logger.js';
import { RetentionService } from './retention.service.js';

const DAY_MS = 86_400_000;

/** Runs the retention once a day, at a different time in each instance. */
@Injectable()
export class DailyRetention implements OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly retention: RetentionService,
    private readonly logger: Logger,
    background: Background,
  ) {
    background.add(() => this.plan(Math.random() * DAY_MS));
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  private plan(milliseconds: number): void {
    this.timer = setTimeout(() => void this.run(), milliseconds).unref();
  }

  private async run(): Promise<void> {
    try {
      await this.retention.run();
    } catch (error) {
      this.logger.error(describeError(error), 'retention');
    }
    this.plan(DAY_MS);
  }
}
