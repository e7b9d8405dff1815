import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders, readInstant } from '../../platform/database/database.js';
import type { SqlValue } from '../../platform/database/statements.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SecretBox } from '../../platform/secrets/secret-box.js';

/** Claim lease: after 2 minutes another instance may claim the message, because the first one has probably died. */
export const CLAIM_MS = 120_000;

/** Messages that one query reads. Several instances may read the same ones; an instance that loses one tries the next. */
const CANDIDATES = 10;

const PURPOSE = 'outbox';

/** A message for one subscriber. */
export interface NewMessage {
  readonly id: string;
  /** The account with which the message is deleted; null for none. */
  readonly userId: string | null;
  readonly ownerId: string | null;
  readonly topic: string;
  readonly subscriber: string;
  readonly isOrdered: boolean;
  readonly payload: object;
  /** When it expires; null for never. */
  readonly expiresAt: Date | null;
}

/** A message that only this process may deliver until the lease ends. */
export interface Claim {
  readonly id: string;
  readonly ownerId: string | null;
  readonly topic: string;
  readonly subscriber: string;
  readonly position: number | null;
  readonly payload: string;
  /** The number of claims, including this one. It identifies the claim: a later claim of the message has a higher number. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

interface Row {
  readonly id: string;
  readonly owner_id: string | null;
  readonly topic: string;
  readonly subscriber: string;
  readonly position: number | string | null;
  readonly payload: string;
  readonly attempts: number;
  readonly created_at: unknown;
  readonly expires_at: unknown;
}

interface Last {
  readonly subscriber: string;
  readonly position: number | string;
  readonly due_at: unknown;
}

const COLUMNS = [
  'id',
  'user_id',
  'owner_id',
  'topic',
  'subscriber',
  'position',
  'payload',
  'attempts',
  'created_at',
  'due_at',
  'expires_at',
];
const CLAIMED = 'id, owner_id, topic, subscriber, position, payload, attempts, created_at, expires_at';
const FREE = 'dead_at IS NULL AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)';

/**
 * The table `outbox_messages`. The SQL is raw for two reasons: a unit of work writes all its messages in one statement, and
 * a claim must be one UPDATE whose row count shows whether it succeeded.
 */
@Injectable()
export class OutboxQueue {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly box: SecretBox,
  ) {}

  /** The number of messages of a topic that are deleted with the account and wait for their delivery. */
  async countOf(userId: string, topic: string): Promise<number> {
    const [row] = await this.database.rows(
      'SELECT COUNT(*) AS waiting FROM outbox_messages WHERE user_id = ? AND topic = ? AND dead_at IS NULL',
      [userId, topic],
    );
    return Number(row?.['waiting']);
  }

  /**
   * Adds messages about one owner in one statement, in the caller's unit of work. If some are ordered, the caller must hold
   * the owner's lock, so that the positions are in the order of the commits.
   * @throws Error outside a unit of work.
   */
  async add(messages: readonly NewMessage[], now: Date): Promise<void> {
    const lasts = await this.lastOf(messages);
    const values = messages.flatMap((message): SqlValue[] => {
      const last = message.isOrdered && message.ownerId !== null ? lasts.get(message.subscriber) : undefined;
      if (last) last.position += 1;
      // While an earlier message waits for its next attempt, later messages are not due either: see `postpone`.
      const dueAt = last && last.dueAt > now ? last.dueAt : now;
      return [
        message.id,
        message.userId,
        message.ownerId,
        message.topic,
        message.subscriber,
        last?.position ?? null,
        this.box.seal(PURPOSE, JSON.stringify(message.payload), message.id),
        0,
        instantText(now),
        instantText(dueAt),
        message.expiresAt && instantText(message.expiresAt),
      ];
    });
    const row = `(${placeholders(COLUMNS.length)})`;
    await this.database.execute(
      `INSERT INTO outbox_messages (${COLUMNS.join(', ')}) VALUES ${messages.map(() => row).join(', ')}`,
      values,
    );
  }

  /**
   * Claims one due message of a subscriber for {@link CLAIM_MS}. When several instances try, only one of them gets it.
   * @returns undefined when no message is due.
   */
  async claim(subscriber: string, now: Date): Promise<Claim | undefined> {
    for (;;) {
      const rows = await this.due(subscriber, now);
      if (rows.length === 0) return undefined;
      for (const row of rows)
        if (await this.tryClaim(row.id, row.attempts, now)) return claimOf(row, row.attempts + 1);
    }
  }

  /** Decrypts the event of a message. @throws BrokenSealError */
  open({ id, payload }: Claim): object {
    return JSON.parse(this.box.open(PURPOSE, payload, id)) as object;
  }

  /** Deletes a message, unless another instance has claimed it. @returns whether it was deleted. */
  async remove({ id, attempts }: Claim): Promise<boolean> {
    const removed = await this.write('DELETE FROM outbox_messages WHERE id = ? AND attempts = ?', [
      id,
      attempts,
    ]);
    return removed === 1;
  }

  /**
   * Makes the message due at `dueAt` and ends the claim, unless another instance has claimed it. Later messages of the same
   * owner and subscriber must wait for this one. They get the same time, so that queries for due messages need not skip them.
   */
  async postpone(claim: Claim, dueAt: Date, lastError: string): Promise<void> {
    const { id, attempts, ownerId, subscriber, position } = claim;
    const due = instantText(dueAt);
    await this.unitOfWork.run(async () => {
      const postponed = await this.database.execute(
        'UPDATE outbox_messages SET due_at = ?, claimed_until = NULL, last_error = ? WHERE id = ? AND attempts = ?',
        [due, lastError, id, attempts],
      );
      if (postponed === 0 || position === null) return;
      await this.database.execute(
        `UPDATE outbox_messages SET due_at = ?
         WHERE owner_id = ? AND subscriber = ? AND position > ? AND due_at < ? AND dead_at IS NULL`,
        [due, ownerId, subscriber, position, due],
      );
    });
  }

  /** Makes a message a dead letter, unless another instance has claimed it. */
  async markDead({ id, attempts }: Claim, now: Date, lastError: string): Promise<void> {
    await this.write(
      'UPDATE outbox_messages SET dead_at = ?, claimed_until = NULL, last_error = ? WHERE id = ? AND attempts = ?',
      [instantText(now), lastError, id, attempts],
    );
  }

  /** Expired messages whose subscriber does not exist in this version of the service; at most 1 000. */
  async expiredOfUnknown(subscribers: readonly string[], now: Date): Promise<Claim[]> {
    const rows = await this.database.rows<Row>(
      `SELECT ${CLAIMED} FROM outbox_messages
       WHERE subscriber NOT IN (${placeholders(subscribers.length)}) AND dead_at IS NULL AND expires_at <= ?
       LIMIT 1000`,
      [...subscribers, instantText(now)],
    );
    return rows.map((row) => claimOf(row, row.attempts));
  }

  /** Makes messages dead letters that were published before `until` and whose subscriber does not exist in this version. */
  async markUnknownDead(subscribers: readonly string[], until: Date, now: Date): Promise<number> {
    return this.write(
      `UPDATE outbox_messages SET dead_at = ?, last_error = 'UnknownSubscriber'
       WHERE subscriber NOT IN (${placeholders(subscribers.length)}) AND dead_at IS NULL AND created_at <= ?`,
      [instantText(now), ...subscribers, instantText(until)],
    );
  }

  /**
   * Due messages of a subscriber. Of the ordered messages of one owner, only the first. Unordered messages have no position
   * and wait for no other.
   */
  private due(subscriber: string, now: Date): Promise<Row[]> {
    const moment = instantText(now);
    return this.database.rows<Row>(
      `SELECT ${CLAIMED} FROM outbox_messages message
       WHERE subscriber = ? AND ${FREE} AND NOT EXISTS (
         SELECT 1 FROM outbox_messages earlier
         WHERE earlier.owner_id = message.owner_id AND earlier.subscriber = message.subscriber
           AND earlier.position < message.position AND earlier.dead_at IS NULL)
       ORDER BY due_at LIMIT ${CANDIDATES}`,
      [subscriber, moment, moment],
    );
  }

  /** Claims a message by one UPDATE. It succeeds only if the count of attempts is unchanged, so nobody claimed it since. */
  private async tryClaim(id: string, attempts: number, now: Date): Promise<boolean> {
    const until = instantText(new Date(now.getTime() + CLAIM_MS));
    const claimed = await this.write(
      'UPDATE outbox_messages SET attempts = attempts + 1, claimed_until = ? WHERE id = ? AND attempts = ?',
      [until, id, attempts],
    );
    return claimed === 1;
  }

  /** The last message of each order that the new messages join: one statement with one index lookup for each subscriber. */
  private async lastOf(
    messages: readonly NewMessage[],
  ): Promise<Map<string, { position: number; dueAt: Date }>> {
    const ordered = messages.filter(({ isOrdered, ownerId }) => isOrdered && ownerId !== null);
    const names = [...new Set(ordered.map(({ subscriber }) => subscriber))];
    const lasts = new Map(names.map((name) => [name, { position: 0, dueAt: new Date(0) }]));
    if (names.length === 0) return lasts;
    const parts = names.map(
      (_, index) =>
        `SELECT * FROM (SELECT subscriber, position, due_at FROM outbox_messages
         WHERE owner_id = ? AND subscriber = ? ORDER BY position DESC LIMIT 1) last_${index}`,
    );
    const rows = await this.database.rows<Last>(
      parts.join(' UNION ALL '),
      names.flatMap((name) => [ordered[0]?.ownerId ?? null, name]),
    );
    for (const { subscriber, position, due_at } of rows)
      lasts.set(subscriber, { position: Number(position), dueAt: readInstant(due_at) });
    return lasts;
  }

  private write(sql: string, values: readonly SqlValue[]): Promise<number> {
    return this.unitOfWork.run(() => this.database.execute(sql, values));
  }
}

const claimOf = (row: Row, attempts: number): Claim => ({
  id: row.id,
  ownerId: row.owner_id,
  topic: row.topic,
  subscriber: row.subscriber,
  position: row.position === null ? null : Number(row.position),
  payload: row.payload,
  attempts,
  createdAt: readInstant(row.created_at),
  expiresAt: row.expires_at === null ? null : readInstant(row.expires_at),
});
