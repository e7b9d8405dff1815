import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface CaughtMail {
  /** As the server was told, whatever the mail itself says. */
  readonly recipients: readonly string[];
  readonly sender: string;
  readonly raw: string;
  readonly parsed: ParsedMail;
}

/** A mail server on this machine that keeps what it is given. */
export class SmtpSink {
  readonly mails: CaughtMail[] = [];
  private refusal: Error | null = null;

  private constructor(private readonly server: SMTPServer) {}

  /** @param port of one that was stopped, to come back in its place; any free one otherwise. */
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
    // A client that goes away in the middle is no failure of the test.
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

  /** Mails to an address, in the order in which they were written: several leave at once. */
  to(address: string): CaughtMail[] {
    return this.mails
      .filter(({ recipients }) => recipients.includes(address))
      .toSorted((a, b) => ((a.parsed.messageId ?? '') < (b.parsed.messageId ?? '') ? -1 : 1));
  }

  /** From now on every recipient is refused with this code; with none, taken again. @param says what follows the code. */
  refuse(code?: number, says = 'refused by the test'): void {
    this.refusal = code === undefined ? null : Object.assign(new Error(says), { responseCode: code });
  }

  /** Nobody answers on its port any more. */
  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** It is here before its sender is told so. */
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

/** The address that a mail's button leads to. */
export const linkIn = ({ parsed }: Pick<CaughtMail, 'parsed'>): string =>
  /^https?:\S+$/m.exec(parsed.text ?? '')?.[0] ?? '';
