import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { type NewMessage, OutboxQueue } from './outbox-queue.js';
import { OutboxWorker } from './outbox-worker.js';

/**
 * What leaves the process leaves through here, in the transaction of the change it tells of: it leaves if that commits,
 * and only then, whatever happens to the process.
 */
@Injectable()
export class Outbox {
  constructor(
    private readonly queue: OutboxQueue,
    private readonly worker: OutboxWorker,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Joins the caller's unit of work. @throws Error outside of one. */
  async put(message: NewMessage): Promise<void> {
    this.unitOfWork.afterCommit(() => this.worker.wake());
    await this.queue.add(uuidv7(), message, this.clock.date());
  }
}
