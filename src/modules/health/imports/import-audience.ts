import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { SocketConnection } from '../../../kernel/sockets/socket-connection.js';
import type { SocketMessage } from '../../../kernel/sockets/socket-messages.js';
import { batchesOf } from '../../../platform/database/batches.js';
import { Background } from '../../../platform/background.js';
import { Clock } from '../../../platform/clock.js';
import { describeError, Logger } from '../../../platform/logger.js';
import { PeriodicTask } from '../../../platform/periodic-task.js';
import { ImportsPolicy } from './imports.policy.js';
import { ImportsRepository, type WatchedImport } from './imports.repository.js';

/**
 * An import may begin and end between two looks. One that ended within this time is told, whatever the clocks of two instances
 * differ.
 */
const LATELY_MS = 5 * 60_000;

/**
 * Tells sockets how their person's imports proceed. The rows of imports are read in intervals while anybody listens, so it
 * makes no difference which instance runs an import, and whether there is a Redis.
 */
@Injectable()
export class ImportAudience implements OnModuleDestroy {
  private readonly sockets = new Map<string, Set<SocketConnection>>();
  /** What was told of each import of a person that is under way, or has ended lately. Absent before the first look. */
  private readonly told = new Map<string, Map<string, Told>>();
  private readonly reads: PeriodicTask;

  constructor(
    private readonly jobs: ImportsRepository,
    policy: ImportsPolicy,
    private readonly clock: Clock,
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
    await this.look([userId], socket);
  }

  private leave(userId: string, socket: SocketConnection): void {
    const sockets = this.sockets.get(userId);
    if (!sockets?.delete(socket) || sockets.size > 0) return;
    this.sockets.delete(userId);
    this.told.delete(userId);
  }

  private async tellAll(): Promise<void> {
    for (const userIds of batchesOf([...this.sockets.keys()])) await this.look(userIds);
  }

  /** @param newcomer is told also what the person's other sockets know */
  private async look(userIds: readonly string[], newcomer?: SocketConnection): Promise<void> {
    const ids = userIds.flatMap((userId) =>
      [...(this.told.get(userId) ?? [])].flatMap(([id, { isOver }]) => (isOver ? [] : [id])),
    );
    const since = new Date(this.clock.now() - LATELY_MS);
    const jobs = await this.jobs.watched(userIds, [...new Set(ids)], since);
    for (const userId of userIds) {
      const sockets = this.sockets.get(userId);
      // They may have left while the imports were read.
      if (!sockets) continue;
      const before = this.told.get(userId);
      const own = jobs.filter((job) => job.userId === userId);
      this.told.set(userId, new Map(own.map((job) => [job.id, stateOf(job)])));
      for (const job of own) {
        const { text, isOver } = stateOf(job);
        // What had ended before anybody listened is no news.
        const isNews = before ? before.get(job.id)?.text !== text : !isOver;
        if (isNews) for (const socket of sockets) socket.send(messageOf(job));
        else if (!isOver) newcomer?.send(messageOf(job));
      }
    }
  }
}

interface Told {
  readonly text: string;
  readonly isOver: boolean;
}

const stateOf = (job: WatchedImport): Told => ({
  text: JSON.stringify(messageOf(job)),
  isOver: job.slot === null,
});

const messageOf = (job: WatchedImport): SocketMessage => ({
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
