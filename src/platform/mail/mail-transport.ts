import { join } from 'node:path';
import { Global, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../clock.js';
import { Logger } from '../logger.js';
import { FolderExit } from './folder-exit.js';
import { type Mail, type MailExit, MailRefusedError } from './mail.js';
import { SmtpExit } from './smtp-exit.js';

/** Tells automatic responders, such as holiday notices, not to answer (RFC 3834). */
const HEADERS = { 'Auto-Submitted': 'auto-generated' } as const;

/** Sends mails by SMTP_URL. Without SMTP_URL it writes them to the folder `mail` in the data directory. */
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
   * @throws MailRefusedError when a retry cannot succeed; another error when it may.
   */
  async send({ id, to, subject, text, html }: Mail): Promise<void> {
    if (/[\p{Cc}\p{Zl}\p{Zp}<>]/u.test(to))
      throw new MailRefusedError('The recipient is not an e-mail address');
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
