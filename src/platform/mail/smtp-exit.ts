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
      throw isRefused(error)
        ? new MailRefusedError('The server refuses the address', { cause: error })
        : error;
    }
  }

  close(): void {
    this.transport.close({ force: true });
  }
}

/** For good, and because of the address: what the server has against the sender may be put right. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  'command' in error &&
  error.command === 'RCPT TO' &&
  'responseCode' in error &&
  Number(error.responseCode) >= 500;
