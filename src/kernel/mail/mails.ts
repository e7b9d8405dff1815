import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Outbox } from '../outbox/outbox.js';
import { type Language, languageOf } from './language.js';
import { type Letter, lifetimeMs } from './letters.js';

export const MAIL_TOPIC = 'mail';

/** What the outbox keeps of a letter until it is sent. */
export interface WaitingMail {
  readonly to: string;
  readonly language: Language;
  readonly letter: Letter;
  /** Milliseconds since 1970: when what it tells of happened. */
  readonly at: number;
}

/** Letters to people. */
@Injectable()
export class Mails {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Sends a letter once the caller's unit of work has committed, and not without. What it tells of happens now.
   * @param userId whose account it is about; who deletes it gets no more of these. Null for what is still to arrive then.
   * @param locale a BCP 47 tag or an Accept-Language header.
   * @throws Error outside of a unit of work.
   */
  async send(userId: string | null, to: string, locale: string, letter: Letter): Promise<void> {
    const at = this.clock.now();
    const payload: WaitingMail = { to, language: languageOf(locale), letter, at };
    await this.outbox.put({
      userId,
      topic: MAIL_TOPIC,
      payload,
      expiresAt: new Date(at + lifetimeMs(letter)),
    });
  }
}
