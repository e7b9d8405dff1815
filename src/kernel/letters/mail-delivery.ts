import { Injectable } from '@nestjs/common';
import { MailRefusedError } from '../../platform/mail/mail.js';
import { MailTransport } from '../../platform/mail/mail-transport.js';
import { Delivery, Undeliverable } from '../events/delivery.js';
import { OnEvent } from '../events/on-event.js';
import { render } from './layout.js';
import { MailWritten } from './mail-written.js';

/** Sends letters from the outbox to the mail server. */
@Injectable()
export class MailDelivery {
  constructor(private readonly transport: MailTransport) {}

  /**
   * Sends one letter. Why not in order: a mailbox that refuses mail for days must not hold back a password link, which
   * works for minutes and may go to another address.
   * @throws Undeliverable when the mail server refuses the letter for good; any other error is retried.
   */
  @OnEvent(MailWritten, 'mail', { order: 'none' })
  async send({ to, language, letter, at }: MailWritten, { id }: Delivery): Promise<void> {
    try {
      await this.transport.send({ id, to, ...render(letter, language, new Date(at)) });
    } catch (error) {
      if (!(error instanceof MailRefusedError)) throw error;
      throw new Undeliverable('mail', { cause: error.cause ?? error });
    }
  }
}
