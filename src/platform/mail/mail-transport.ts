import { join } from 'node:path';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../clock.js';
import { Logger } from '../logger.js';
import { FolderExit } from './folder-exit.js';
import { type Mail, type MailExit, MailRefusedError } from './mail.js';
import { SmtpExit } from './smtp-exit.js';

/** RFC 3834: nobody's holiday notice shall answer. */
const HEADERS = { 'Auto-Submitted': 'auto-generated' } as const;

/** Sends mails through SMTP_URL, or without one into a folder beside the database. */
@Injectable()
export class MailTransport implements OnApplicationShutdown {
  private readonly exit: MailExit;
  private readonly host: string;

  constructor(
    private readonly config: Config,
    private readonly clock: Clock,
    logger: Logger,
  ) {
    const { SMTP_URL, PUBLIC_URL } = config.env;
    this.host = new URL(PUBLIC_URL).hostname;
    this.exit =
      SMTP_URL === undefined
        ? new FolderExit(join(config.dataDirectory, 'mail'), logger)
        : new SmtpExit(SMTP_URL);
  }

  /**
   * Sends one mail.
   * @throws MailRefusedError when there is no use in trying again, and another error when there is.
   */
  async send({ id, to, subject, text, html }: Mail): Promise<void> {
    if (/[\p{Cc}\p{Zl}\p{Zp}<>]/u.test(to)) throw new MailRefusedError('This is no address');
    await this.exit.send({
      messageId: `<${id}@${this.host}>`,
      date: this.clock.date(),
      from: this.config.mailFrom,
      to: { name: '', address: to },
      subject: subject.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '),
      text,
      html,
      headers: HEADERS,
    });
  }

  onApplicationShutdown(): void {
    this.exit.close();
  }
}

@Global()
@Module({ providers: [MailTransport], exports: [MailTransport] })
export class MailTransportModule {}
