import { createTransport } from 'nodemailer';
import { type MailExit, type MailMessage, MailRefusedError } from './mail.js';

const TIMEOUT_MS = 10_000;

/** The mail server of SMTP_URL. */
export class SmtpExit implements MailExit {
  private readonly transport;

  constructor(url: string) {
    this.transport = createTransport({
      url,
      pool: true,
      maxConnections: 3,
      // A connection that was closed while it was idle is no failure of the mail.
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
      // The log tells an error by its code, and never what a server writes: that may hold an address.
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
 * What a server says of the mailbox itself (RFC 3463 and 7505): there is none, it has moved, its domain takes no mail, it is
 * disabled. Every other 5xx may be about us: a relay that does not know us, a block list, a policy. Somebody puts that right,
 * so the mail waits; a 550 without such a code says too little to tell, and waits as well.
 */
const OF_THE_MAILBOX = /^5\d\d[ -]5\.(?:1\.(?:1|2|3|4|6|10)|2\.1)(?!\d)/;

/** A reply code, and the enhanced one where there is one: `554 5.7.1`. */
const CODES = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3}(?!\d))?/;

/** What a server has answered with, as nodemailer throws it. */
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
