import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../kernel/audit/audit-log.js';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import type { User } from '../users/public.js';
import { SignInChallenge } from './sign-in-challenge.entity.js';
import { digest, randomToken } from '../../platform/random-token.js';

/** How long the second proof may take. */
export const CHALLENGE_MS = 5 * 60_000;
/** Codes that may be tried for one challenge. */
const MAX_ATTEMPTS = 5;

/** What stands between the first proof and the second: it opens nothing by itself, and is answered once. */
@Injectable()
export class SignInChallenges {
  private readonly table: Table<SignInChallenge>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {
    this.table = new Table(database.writer, SignInChallenge);
  }

  /** Makes one. Joins the caller's unit of work, under the person's lock. @returns the challenge, which is not kept. */
  async issue(user: User, sessionId: string): Promise<string> {
    const challenge = randomToken();
    const createdAt = this.clock.date();
    await this.database.execute('DELETE FROM sign_in_challenges WHERE user_id = ? AND expires_at <= ?', [
      user.id,
      instantText(createdAt),
    ]);
    await this.table.insert(this.database, [
      {
        tokenHash: digest(challenge),
        userId: user.id,
        sessionId,
        passwordMark: digest(user.passwordHash),
        attempts: 0,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + CHALLENGE_MS),
      },
    ]);
    await this.audit.record({ action: 'factor.asked', subject: user });
    return challenge;
  }

  /** The one that can still be answered. */
  async find(challenge: string): Promise<SignInChallenge | undefined> {
    const [found] = await this.table.select(
      this.database,
      'token_hash = ? AND attempts < ? AND expires_at > ?',
      [digest(challenge), MAX_ATTEMPTS, instantText(this.clock.date())],
    );
    return found;
  }

  /**
   * Reserves a try, before the code is looked at. Joins the caller's unit of work: what cannot be decided is not counted.
   * @returns whether there was one left.
   */
  async reserve(challenge: string, { passwordHash }: User): Promise<boolean> {
    const counted = await this.database.execute(
      `UPDATE sign_in_challenges SET attempts = attempts + 1
       WHERE token_hash = ? AND attempts < ? AND expires_at > ? AND password_mark = ?`,
      [digest(challenge), MAX_ATTEMPTS, instantText(this.clock.date()), digest(passwordHash)],
    );
    return counted > 0;
  }

  /** Ends the one that was answered. Joins the caller's unit of work. */
  async end(challenge: string): Promise<void> {
    await this.database.execute('DELETE FROM sign_in_challenges WHERE token_hash = ?', [digest(challenge)]);
  }

  /** Ends the one whose answer would open this session. Joins the caller's unit of work. */
  async cancel(sessionId: string): Promise<void> {
    await this.database.execute('DELETE FROM sign_in_challenges WHERE session_id = ?', [sessionId]);
  }
}
