import { createTransport } from 'nodemailer';
import { type MailExit, type MailMessage, MailRefusedError } from './mail.js';

const TIMEOUT_MS = 10_000;

/** Sends mails to the mail server of SMTP_URL. */
export class SmtpExit implements MailExit {
  private readonly transport;

  constructor(url: string) {
    this.transport = createTransport({
      url,
      pool: true,
      maxConnections: 3,
      // Retry once by a new connection: the server may have closed an idle connection.
      maxRequeues: 1,
      dnsTimeout: TIMEOUT_MS,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, headers, ...message }: MailMessage): Promise<void> {
    try {
      await this.transport.sendMail({ ...message, to: { ...to }, headers: { ...headers } });
    } catch (error) {
      if (!isAnswer(error)) throw error;
      // The log contains the code and never the server's text, because the text may contain an e-mail address.
      error.code = CODES.exec(error.response)?.[0] ?? error.code;
      throw error.command === 'RCPT TO' && OF_THE_MAILBOX.test(error.response)
        ? new MailRefusedError('The server refuses the address', { cause: error })
        : error;
    }
  }

  close(): void {
    this.transport.close({ force: true });
  }
}

/**
 * Answers about the mailbox itself (RFC 3463 and 7505): it does not exist, it has moved, its domain accepts no mail, or it is
 * disabled. Any other 5xx may be about this service: an unknown relay, a block list, a policy. An operator can fix that, so
 * the mail waits. A 550 without an enhanced code is not clear enough, so that mail waits, too.
 */
const OF_THE_MAILBOX = /^5\d\d[ -]5\.(?:1\.(?:1|2|3|4|6|10)|2\.1)(?!\d)/;

/** The reply code, with the enhanced code when there is one: `554 5.7.1`. */
const CODES = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3}(?!\d))?/;

/** An error answer of the server, as nodemailer throws it. */
interface Answer extends Error {
  readonly command: unknown;
  readonly response: string;
  code: unknown;
}

const isAnswer = (error: unknown): error is Answer =>
  error instanceof Error &&
  'command' in error &&
  'code' in error &&
  'response' in error &&
  typeof error.response === 'string';
