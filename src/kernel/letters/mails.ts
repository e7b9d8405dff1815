import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../../platform/clock.js';
import { Events } from '../events/events.js';
import { languageOf } from './language.js';
import { type LetterDefinition, letterOf, lifetimeMs } from './letters.js';
import { CountsQuota, type QuotaUse } from '../quotas/quota.js';
import { MailWritten } from './mail-written.js';
import { pendingMailsQuota } from './mails.quotas.js';

/** Writes letters to people into the outbox. */
@Injectable()
export class Mails {
  constructor(
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Whether a letter that somebody asked for may be written. Ask before anything is changed for the letter, under the person's
   * lock, so that a burst writes no more than allowed. Do not ask for a notice about what happened to the account: it must always
   * be sent.
   */
  async hasRoomFor(userId: string): Promise<boolean> {
    const { used, limit } = await this.usage(userId);
    return used < limit;
  }

  @CountsQuota(pendingMailsQuota)
  async usage(userId: string): Promise<QuotaUse> {
    const used = await this.events.countWaiting(userId, MailWritten.topic);
    return { limit: this.config.env.QUOTA_PENDING_MAILS, used };
  }

  /**
   * Sends a letter after the caller's unit of work has committed. If the unit rolls back, the letter is not sent. The event
   * that the letter reports has the current time.
   * @param userId the account that the letter is about. A letter that still waits is deleted with the account. Null for a
   *   letter that must be sent although the account is deleted.
   * @param locale a BCP 47 tag or an Accept-Language header.
   * @throws Error outside a unit of work.
   */
  async send<Values extends object>(
    userId: string | null,
    to: string,
    locale: string,
    definition: LetterDefinition<Values>,
    values: Values,
  ): Promise<void> {
    const letter = letterOf(definition, values);
    const at = this.clock.now();
    const mail = new MailWritten(userId, to, languageOf(locale), letter, at);
    await this.events.publish(mail, { expiresAt: new Date(at + lifetimeMs(letter)) });
  }
}
