import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface CaughtMail {
  /** The recipients of the SMTP envelope, which may differ from the headers of the mail. */
  readonly recipients: readonly string[];
  readonly sender: string;
  readonly raw: string;
  readonly parsed: ParsedMail;
}

/** A mail server on this machine that stores the mails it receives. */
export class SmtpSink {
  readonly mails: CaughtMail[] = [];
  private refusal: Error | null = null;

  private constructor(private readonly server: SMTPServer) {}

  /** @param port the port of a server that was stopped, to take its place. By default a free port. */
  static async start(port = 0): Promise<SmtpSink> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 100,
      onRcptTo: (_address, _session, done) => done(sink.refusal),
      onData: (stream, session, done) => void sink.take(stream, session.envelope, done),
    });
    const sink = new SmtpSink(server);
    // A client that closes its connection early must not fail the test.
    server.on('error', () => undefined);
    server.listen(port, '127.0.0.1');
    await once(server.server, 'listening');
    return sink;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** For SMTP_URL. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** The mails to an address, in the order in which they were written. They may be sent in another order. */
  to(address: string): CaughtMail[] {
    return this.mails
      .filter(({ recipients }) => recipients.includes(address))
      .toSorted((a, b) => ((a.parsed.messageId ?? '') < (b.parsed.messageId ?? '') ? -1 : 1));
  }

  /**
   * Refuses every recipient with this code from now on. Without a code it accepts recipients again.
   * @param text the text after the code.
   */
  refuse(code?: number, text = 'refused by the test'): void {
    this.refusal = code === undefined ? null : Object.assign(new Error(text), { responseCode: code });
  }

  /** Closes the server and its port. */
  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Stores a mail before the sender gets the confirmation. */
  private async take(stream: Readable, envelope: Envelope, done: () => void): Promise<void> {
    const content = await buffer(stream);
    this.mails.push({
      recipients: envelope.rcptTo.map(({ address }) => address),
      sender: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
      raw: content.toString(),
      parsed: await simpleParser(content),
    });
    done();
  }
}

interface Envelope {
  readonly mailFrom: { readonly address: string } | false;
  readonly rcptTo: readonly { readonly address: string }[];
}

/** The link of a mail's button. */
export const linkIn = ({ parsed }: Pick<CaughtMail, 'parsed'>): string =>
  /^https?:\S+$/m.exec(parsed.text ?? '')?.[0] ?? '';
