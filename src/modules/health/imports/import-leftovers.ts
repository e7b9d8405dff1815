import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../../platform/background.js';
import { Clock } from '../../../platform/clock.js';
import { describeError, Logger } from '../../../platform/logger.js';
import { PeriodicTask } from '../../../platform/periodic-task.js';
import { ImportHistory } from './import-history.js';
import { ImportKeeping } from './import-keeping.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

/** Removes files of previews whose time is over, and imports that cannot be taken back any more. */
@Injectable()
export class ImportLeftovers implements OnModuleDestroy {
  private readonly sweeps: PeriodicTask;

  constructor(
    private readonly jobs: ImportsRepository,
    private readonly history: ImportHistory,
    private readonly keeping: ImportKeeping,
    private readonly policy: ImportsPolicy,
    private readonly clock: Clock,
    logger: Logger,
    background: Background,
  ) {
    this.sweeps = new PeriodicTask({
      work: () => this.sweep(),
      everyMs: () => policy.sweepMs,
      tickMs: Math.min(policy.sweepMs, 1_000),
      report: (error) => logger.warn({ component: 'imports', ...describeError(error) }, 'leftovers remain'),
    });
    background.add(() => this.sweeps.start());
  }

  async onModuleDestroy(): Promise<void> {
    await this.sweeps.stop();
  }

  async sweep(): Promise<void> {
    await this.keeping.dropOld();
    const until = new Date(this.clock.now() - this.policy.keepMs);
    for (const job of await this.jobs.endedBefore(until)) await this.history.remove(job);
  }
}
