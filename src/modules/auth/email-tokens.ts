import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { EmailToken } from './email-token.entity.js';
import { digest, randomToken } from '../../platform/random-token.js';

const DAY_MS = 86_400_000;

export type EmailPurpose = 'verify' | 'change' | 'reset';

export interface NewEmailToken {
  readonly userId: string;
  readonly purpose: EmailPurpose;
  readonly email: string;
  /** In which it is asked for. */
  readonly sessionId?: string;
}

/** Tokens in mailed links: each works once, and only the newest of its purpose. */
@Injectable()
export class EmailTokens {
  /** How long a link works, in milliseconds. */
  readonly lifetimes: Readonly<Record<EmailPurpose, number>>;
  private readonly table: Table<EmailToken>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.lifetimes = { verify: 3 * DAY_MS, change: DAY_MS, reset: config.env.PASSWORD_RESET_TTL };
    this.table = new Table(database.writer, EmailToken);
  }

  /** Makes one, and ends the earlier ones. Joins the caller's unit of work. @returns the token, which is not kept. */
  async issue(asked: NewEmailToken): Promise<string> {
    const token = randomToken();
    const createdAt = this.clock.date();
    await this.endAll(asked.userId, asked.purpose);
    await this.table.insert(this.database, [
      {
        sessionId: null,
        ...asked,
        tokenHash: digest(token),
        createdAt,
        expiresAt: new Date(createdAt.getTime() + this.lifetimes[asked.purpose]),
      },
    ]);
    return token;
  }

  /**
   * Uses one up: of two that try, one gets it. Joins the caller's unit of work.
   * @throws Problem `link-expired` when it is used, replaced, too old, or none of ours.
   */
  async redeem(token: string, purpose: EmailPurpose): Promise<EmailToken> {
    const tokenHash = digest(token);
    const [found] = await this.table.select(
      this.database,
      'token_hash = ? AND purpose = ? AND expires_at > ?',
      [tokenHash, purpose, instantText(this.clock.date())],
    );
    // The deletion decides: it waits for whoever else deletes the row, and finds it gone.
    const deleted = await this.database.execute('DELETE FROM email_tokens WHERE token_hash = ?', [tokenHash]);
    if (!found || deleted === 0) throw new Problem('link-expired');
    return found;
  }

  async endAll(userId: string, purpose: EmailPurpose): Promise<void> {
    await this.database.execute('DELETE FROM email_tokens WHERE user_id = ? AND purpose = ?', [
      userId,
      purpose,
    ]);
  }
}
