/** One mail to one person. */
export interface Mail {
  /** The same id in every attempt, so that mail programs recognise a mail that arrives twice. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The address does not accept mail, now or later. */
export class MailRefusedError extends Error {}

/** Sends mails out of the process. */
export interface MailExit {
  /** @throws MailRefusedError when a retry cannot succeed; another error when it may. */
  send(message: MailMessage): Promise<void>;
  close(): void;
}

/** A mail as nodemailer gets it. */
export interface MailMessage {
  readonly messageId: string;
  readonly date: Date;
  readonly from: string;
  /** An object, because nodemailer would parse a text as a list of addresses. */
  readonly to: { readonly name: ''; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}
