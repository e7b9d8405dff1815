import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Logger } from '../logger.js';
import type { MailExit, MailMessage } from './mail.js';

/** Used without a mail server: writes each mail to a file in a folder. Mail programs can open the files. */
export class FolderExit implements MailExit {
  private readonly transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor(
    private readonly folder: string,
    private readonly logger: Logger,
  ) {}

  async send({ to, headers, ...message }: MailMessage): Promise<void> {
    const mail = { ...message, to: { ...to }, headers: { ...headers } };
    const { message: content } = await this.transport.sendMail(mail);
    const time = message.date.toISOString().replaceAll(/[-:.]/g, '');
    const id = /[\w-]+/.exec(message.messageId)?.[0] ?? '';
    await this.write(`${time}-${id}.eml`, content as Buffer);
    this.logger.info({ component: 'mail', event: 'mail-filed' }, 'SMTP_URL is not set: mail is in a file');
  }

  close(): void {
    this.transport.close();
  }

  /** Writes a file that only its owner can read, because its links give access. It is renamed when it is complete. */
  private async write(name: string, content: Buffer): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const draft = join(this.folder, `.${name}`);
    await writeFile(draft, content, { mode: 0o600 });
    await rename(draft, join(this.folder, name));
  }
}
