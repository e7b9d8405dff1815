import { Injectable } from '@nestjs/common';
import { Database, instantText, placeholders, readInstant } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SecretBox } from '../../platform/secrets/secret-box.js';

/** Of a process that died in the middle of it, another one takes a message after this long. */
export const CLAIM_MS = 120_000;

/** Instances that look at the same time find the same messages: the second one needs others to turn to. */
const CANDIDATES = 10;

const PURPOSE = 'outbox';

/** Something that shall leave the process. */
export interface NewMessage {
  /** Whose account it is about; it goes with the account. Null for what does not. */
  readonly userId: string | null;
  /** Names the handler. */
  readonly topic: string;
  /** As JSON carries it. */
  readonly payload: unknown;
  /** From then on it is worth nothing. */
  readonly expiresAt: Date;
}

/** A message that this process, and no other, is to deliver. */
export interface Claim {
  readonly id: string;
  readonly topic: string;
  readonly payload: string;
  /** With this one. A claim that was taken over has another number. */
  readonly attempts: number;
  readonly expiresAt: Date;
}

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly payload: string;
  readonly attempts: number;
  readonly expires_at: unknown;
}

/** The table behind the outbox. */
@Injectable()
export class OutboxQueue {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly box: SecretBox,
  ) {}

  /** Joins the caller's unit of work. @throws Error outside of one. */
  async add(id: string, { userId, topic, payload, expiresAt }: NewMessage, now: Date): Promise<void> {
    const sealed = this.box.seal(PURPOSE, JSON.stringify(payload), id);
    await this.database.execute(
      `INSERT INTO outbox_messages (id, user_id, topic, payload, attempts, created_at, due_at, expires_at)
       VALUES (?, ?, ?, ?, 0, ?, ?, ?)`,
      [id, userId, topic, sealed, instantText(now), instantText(now), instantText(expiresAt)],
    );
  }

  /**
   * Takes one message that is due, for {@link CLAIM_MS}. Of several instances that try, one gets it.
   * @returns undefined when none is left.
   */
  async claim(topics: readonly string[], now: Date): Promise<Claim | undefined> {
    for (;;) {
      const rows = await this.due(topics, now);
      if (rows.length === 0) return undefined;
      for (const { expires_at, ...row } of rows)
        if (await this.take(row.id, row.attempts, now))
          return { ...row, attempts: row.attempts + 1, expiresAt: readInstant(expires_at) };
    }
  }

  /** What was given to the outbox. @throws BrokenSealError */
  open({ id, payload }: Claim): unknown {
    return JSON.parse(this.box.open(PURPOSE, payload, id));
  }

  /** It is delivered, or given up. */
  async remove({ id }: Claim): Promise<void> {
    await this.write('DELETE FROM outbox_messages WHERE id = ?', [id]);
  }

  /** Gives the claim back, unless another instance has taken it over meanwhile. */
  async postpone({ id, attempts }: Claim, dueAt: Date): Promise<void> {
    await this.write(
      'UPDATE outbox_messages SET due_at = ?, claimed_until = NULL WHERE id = ? AND attempts = ?',
      [instantText(dueAt), id, attempts],
    );
  }

  /** Topics nobody here knows are those of a newer version, and left to it until they expire. */
  private due(topics: readonly string[], now: Date): Promise<Row[]> {
    const moment = instantText(now);
    return this.database.rows<Row>(
      `SELECT id, topic, payload, attempts, expires_at FROM outbox_messages
       WHERE due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)
         AND (expires_at <= ? OR topic IN (${placeholders(topics.length)}))
       ORDER BY due_at LIMIT ${CANDIDATES}`,
      [moment, moment, moment, ...topics],
    );
  }

  /** The count of attempts is what it was: nobody has claimed it since. */
  private async take(id: string, attempts: number, now: Date): Promise<boolean> {
    const until = instantText(new Date(now.getTime() + CLAIM_MS));
    const taken = await this.write(
      'UPDATE outbox_messages SET attempts = attempts + 1, claimed_until = ? WHERE id = ? AND attempts = ?',
      [until, id, attempts],
    );
    return taken === 1;
  }

  private write(sql: string, values: readonly (string | number)[]): Promise<number> {
    return this.unitOfWork.run(() => this.database.execute(sql, values));
  }
}
