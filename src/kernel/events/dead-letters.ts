import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { Keyset } from '../http/keyset.js';
import { readPage } from '../http/page-reader.js';
import type { Listing, Place } from '../http/paging.js';
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

/** What no letter exceeds: it has no content. */
const LETTER_BYTES = 1_500;

const ORDER = new Keyset(
  ['dead letters'],
  [
    { sql: 'dead_at', holds: 'instant' },
    { sql: 'id', holds: 'text' },
  ],
  'ASC',
);

/** The messages whose delivery was given up. An operator can retry them. */
@Injectable()
export class DeadLetters {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly worker: OutboxWorker,
    private readonly clock: Clock,
  ) {}

  /** One page of dead letters, the oldest first, and their total. @throws Problem `validation` for a cursor of another list */
  async page(place: Place): Promise<Listing<DeadLetter>> {
    const { rows: data, next } = await readPage<DeadLetter>(ORDER, place, {
      bytesOf: LETTER_BYTES,
      positionOf: ({ deadAt, id }) => [instantText(deadAt), id],
      read: async ({ after, offset }, count) => {
        const [where, values] = after ? ORDER.after(after) : ['dead_at IS NOT NULL', []];
        const rows = await this.database.rows<Row>(
          `SELECT id, topic, subscriber, attempts, last_error, created_at, dead_at FROM outbox_messages
           WHERE ${where} ORDER BY ${ORDER.order} LIMIT ? OFFSET ?`,
          [...values, count, offset],
        );
        return rows.map(deadLetterOf);
      },
    });
    return { data, total: (await this.count()).dead, next };
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
