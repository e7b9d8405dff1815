import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { OutboxWorker } from './outbox-worker.js';

/** A message whose delivery was given up. It contains neither the person nor the content of the event. */
export interface DeadLetter {
  readonly id: string;
  readonly topic: string;
  readonly subscriber: string;
  readonly attempts: number;
  /** The class and code of the last error. */
  readonly lastError: string | null;
  readonly createdAt: Date;
  readonly deadAt: Date;
}

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly subscriber: string;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly created_at: unknown;
  readonly dead_at: unknown;
}

/** The messages whose delivery was given up. An operator can retry them. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly worker: OutboxWorker,
    private readonly clock: Clock,
  ) {}

  /** One page of dead letters, the oldest first, and their total. */
  async page(limit: number, offset: number): Promise<{ data: DeadLetter[]; total: number }> {
    const data = await this.database.rows<Row>(
      `SELECT id, topic, subscriber, attempts, last_error, created_at, dead_at FROM outbox_messages
       WHERE dead_at IS NOT NULL ORDER BY dead_at, id LIMIT ? OFFSET ?`,
      [limit, offset],
    );
    return { data: data.map(deadLetterOf), total: (await this.count()).dead };
  }

  /** The number of messages that wait for delivery, and the number of dead letters. */
  async count(): Promise<{ waiting: number; dead: number }> {
    const [row] = await this.database.rows<{ every: unknown; dead: unknown }>(
      'SELECT COUNT(*) AS every, COUNT(dead_at) AS dead FROM outbox_messages',
    );
    const dead = Number(row?.dead);
    return { waiting: Number(row?.every) - dead, dead };
  }

  /**
   * Makes all dead letters, or those of one subscriber, due now. The count of attempts is not reset, because it identifies a
   * claim, but each message gets the full number of attempts again.
   * @returns the number of messages.
   */
  retry(subscriber?: string): Promise<number> {
    const where = subscriber === undefined ? '' : ' AND subscriber = ?';
    return this.unitOfWork.run(async () => {
      this.unitOfWork.afterCommit(() => this.worker.wakeAll());
      return this.database.execute(
        `UPDATE outbox_messages SET dead_at = NULL, due_at = ? WHERE dead_at IS NOT NULL${where}`,
        [instantText(this.clock.date()), ...(subscriber === undefined ? [] : [subscriber])],
      );
    });
  }
}

const deadLetterOf = ({ last_error, created_at, dead_at, ...row }: Row): DeadLetter => ({
  ...row,
  lastError: last_error,
  createdAt: readInstant(created_at),
  deadAt: readInstant(dead_at),
});
