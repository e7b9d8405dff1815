/** One mail to one person. */
export interface Mail {
  /** The same when it is sent again, so that a mail that arrives twice can be known for one. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The address takes no mail, now or later. */
export class MailRefusedError extends Error {}

/** Where mails leave the process. */
export interface MailExit {
  /** @throws MailRefusedError when there is no use in trying again, and another error when there is. */
  send(message: MailMessage): Promise<void>;
  close(): void;
}

/** A mail as it is put into the envelope. */
export interface MailMessage {
  readonly messageId: string;
  readonly date: Date;
  readonly from: string;
  /** An object: a text would be read as a list of addresses. */
  readonly to: { readonly name: ''; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}
