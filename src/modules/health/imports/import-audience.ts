import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { SocketConnection } from '../../../kernel/sockets/socket-connection.js';
import type { SocketMessage } from '../../../kernel/sockets/socket-messages.js';
import { batchesOf } from '../../../platform/database/batches.js';
import { Background } from '../../../platform/background.js';
import { describeError, Logger } from '../../../platform/logger.js';
import { PeriodicTask } from '../../../platform/periodic-task.js';
import type { ImportJob } from './import-job.entity.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository } from './imports.repository.js';

/**
 * Tells sockets how their person's imports proceed. The rows of imports are read in intervals while anybody listens, so it
 * makes no difference which instance runs an import, and whether there is a Redis.
 */
@Injectable()
export class ImportAudience implements OnModuleDestroy {
  private readonly sockets = new Map<string, Set<SocketConnection>>();
  /** What was told of each import that is not known to have ended, by person. */
  private readonly told = new Map<string, Map<string, string>>();
  private readonly reads: PeriodicTask;

  constructor(
    private readonly jobs: ImportsRepository,
    policy: ImportsPolicy,
    logger: Logger,
    background: Background,
  ) {
    this.reads = new PeriodicTask({
      work: () => this.tellAll(),
      everyMs: () => policy.tellMs,
      tickMs: policy.tellMs,
      report: (error) => logger.warn({ component: 'imports', ...describeError(error) }, 'progress not read'),
    });
    background.add(() => this.reads.start());
  }

  async onModuleDestroy(): Promise<void> {
    await this.reads.stop();
  }

  /** Adds a socket and tells it of the imports that are under way. */
  async join(socket: SocketConnection): Promise<void> {
    const { userId } = socket.actor;
    const sockets = this.sockets.get(userId) ?? new Set();
    this.sockets.set(userId, sockets.add(socket));
    socket.onClose(() => this.leave(userId, socket));
    for (const job of await this.jobs.underWayOf(userId)) socket.send(messageOf(job));
  }

  private leave(userId: string, socket: SocketConnection): void {
    const sockets = this.sockets.get(userId);
    if (!sockets?.delete(socket) || sockets.size > 0) return;
    this.sockets.delete(userId);
    this.told.delete(userId);
  }

  private async tellAll(): Promise<void> {
    for (const userIds of batchesOf([...this.sockets.keys()])) {
      const ids = userIds.flatMap((userId) => [...(this.told.get(userId)?.keys() ?? [])]);
      const jobs = await this.jobs.watched(userIds, [...new Set(ids)]);
      const found = new Set(jobs.map(({ userId, id }) => `${userId}.${id}`));
      for (const userId of userIds)
        for (const id of this.told.get(userId)?.keys() ?? [])
          // The import was removed.
          if (!found.has(`${userId}.${id}`)) this.forget(userId, id);
      for (const job of jobs) this.tell(job);
    }
  }

  private tell(job: ImportJob): void {
    const { userId, id } = job;
    const sockets = this.sockets.get(userId);
    // They may have left while the imports were read.
    if (!sockets) return;
    const message = messageOf(job);
    const text = JSON.stringify(message);
    const told = this.told.get(userId) ?? new Map<string, string>();
    if (told.get(id) === text) return;
    if (job.slot === null) this.forget(userId, id);
    else this.told.set(userId, told.set(id, text));
    for (const socket of sockets) socket.send(message);
  }

  private forget(userId: string, id: string): void {
    const told = this.told.get(userId);
    if (told?.delete(id) && told.size === 0) this.told.delete(userId);
  }
}

const messageOf = (job: ImportJob): SocketMessage => ({
  t: 'import',
  id: job.id,
  status: job.status,
  rows_read: job.rowsRead,
  rows_failed: job.rowsFailed,
  records_created: job.recordsCreated,
  records_updated: job.recordsUpdated,
  records_unchanged: job.recordsUnchanged,
  records_kept: job.recordsKept,
  records_taken_back: job.recordsTakenBack,
});
