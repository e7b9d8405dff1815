import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../platform/background.js';
import { describeError, Logger } from '../../platform/logger.js';
import { PeriodicTask } from '../../platform/periodic-task.js';
import { AuditLog } from './audit-log.js';

const EVERY_MS = 60_000;

/** Writes the sums of counted refusals into the audit log, soon after their windows have ended. */
@Injectable()
export class RefusalSums implements OnModuleDestroy {
  private readonly task: PeriodicTask;

  constructor(audit: AuditLog, logger: Logger, background: Background) {
    this.task = new PeriodicTask({
      work: () => audit.sumRefusals(),
      everyMs: () => EVERY_MS,
      tickMs: EVERY_MS,
      report: (error) =>
        logger.warn({ component: 'audit', ...describeError(error) }, 'refusals were not summed'),
    });
    background.add(() => this.task.start());
  }

  /** Before the database closes. */
  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }
}
