import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MailRefusedError } from '../../platform/mail/mail.js';
import { MailTransport } from '../../platform/mail/mail-transport.js';
import { OutboxWorker } from '../outbox/outbox-worker.js';
import { Undeliverable } from '../outbox/undeliverable.js';
import { render } from './layout.js';
import { MAIL_TOPIC, type WaitingMail } from './mails.js';

/** Takes letters from the outbox to the mail server. */
@Injectable()
export class MailDelivery implements OnModuleInit {
  constructor(
    private readonly worker: OutboxWorker,
    private readonly transport: MailTransport,
  ) {}

  onModuleInit(): void {
    this.worker.on(MAIL_TOPIC, (payload, id) => this.deliver(payload as WaitingMail, id));
  }

  private async deliver({ to, language, letter, at }: WaitingMail, id: string): Promise<void> {
    try {
      await this.transport.send({ id, to, ...render(letter, language, new Date(at)) });
    } catch (error) {
      if (!(error instanceof MailRefusedError)) throw error;
      throw new Undeliverable('mail', { cause: error.cause ?? error });
    }
  }
}
