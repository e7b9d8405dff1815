import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Mails } from '../../src/kernel/letters/mails.js';
import type { LetterDefinition } from '../../src/kernel/letters/letters.js';
import { OutboxWorker } from '../../src/kernel/events/outbox-worker.js';
import { passwordChangedLetter, passwordResetLetter } from '../../src/modules/identity/auth/auth.letters.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { MailRefusedError } from '../../src/platform/mail/mail.js';
import { MailTransport } from '../../src/platform/mail/mail-transport.js';
import { TestApp } from '../support/app.js';
import { MINUTE, TestClock } from '../support/clock.js';
import { hasDatabase, type TestDatabase } from '../support/database.js';
import { linkIn, SmtpSink } from '../support/smtp.js';
import { all, Log } from './auth/support.js';

const LINK = 'https://hale.test/reset?token=Xk29sLq01mZ&x=1';
const ADDRESS = 'grace.hopper@example.org';
const RESET = [passwordResetLetter, { link: LINK, minutes: 15 }] as const;
const CHANGED = [passwordChangedLetter, { link: LINK }] as const;

describe.runIf(hasDatabase())('mail', () => {
  let clock: TestClock;
  let log: Log;
  let sink: SmtpSink;
  let app: TestApp;
  const start = async (env: Record<string, string>, database?: TestDatabase): Promise<void> => {
    app = await TestApp.start({
      delivers: true,
      env: { LOG_LEVEL: 'info', PUBLIC_URL: 'https://hale.test', ...env },
      override: all(clock.install, log.install),
      ...(database ? { database } : {}),
    });
  };
  beforeEach(async () => {
    clock = new TestClock();
    log = new Log();
    sink = await SmtpSink.start();
  });
  afterEach(async () => {
    await app.stop();
    await sink.stop();
  });

  const send = async <Values extends object>(
    [letter, values]: readonly [LetterDefinition<Values>, Values],
    locale = 'en',
  ): Promise<void> => {
    await app.app.get(UnitOfWork).run(() => app.app.get(Mails).send(null, ADDRESS, locale, letter, values));
    await app.app.get(OutboxWorker).drain();
  };
  const waiting = async (): Promise<string[]> =>
    (await app.db.rows<{ id: string }>('SELECT id FROM outbox_messages')).map(({ id }) => id);
  /** The log entries about mails, which never name the recipient. */
  const events = (): unknown[] => {
    expect(JSON.stringify(log.lines)).not.toMatch(/grace|hopper|Xk29/i);
    return log.lines.flatMap(({ event }) => (event === undefined ? [] : [event]));
  };

  it('arrives as text and as HTML, in the language of its reader', async () => {
    await start({ SMTP_URL: sink.url });
    await send(RESET, 'fr;q=0.4, de-AT;q=0.9');
    expect(sink.mails).toHaveLength(1);
    const [{ parsed, raw, recipients, sender }] = sink.mails as [(typeof sink.mails)[0]];
    expect([sender, recipients]).toEqual(['no-reply@hale.test', [ADDRESS]]);
    expect(parsed.from?.text).toBe('"Hale" <no-reply@hale.test>');
    expect(parsed.to).toMatchObject({ text: ADDRESS });
    expect(parsed.subject).toBe('Neues Passwort festlegen');
    expect(parsed.text).toContain('für Ihr Hale-Konto');
    expect(parsed.html).toContain('für Ihr Hale-Konto');
    expect(parsed.html).toContain('href="https://hale.test/reset?token=Xk29sLq01mZ&amp;x=1"');
    expect(linkIn({ parsed })).toBe(LINK);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.messageId).toMatch(/^<[0-9a-f-]{36}@hale\.test>$/);
    expect(raw.match(/^Content-Type: text\/(plain|html); charset=utf-8$/gm)).toHaveLength(2);
    expect([events(), await waiting()]).toEqual([[], []]);
  });

  it('has umlauts in subject and sender', async () => {
    await start({ SMTP_URL: sink.url, MAIL_FROM: 'Häle Büro <post@hale.test>' });
    await send(CHANGED, 'de');
    const [mail] = sink.to(ADDRESS);
    expect(mail?.parsed.subject).toBe('Ihr Passwort wurde geändert');
    expect(mail?.parsed.from?.value).toEqual([{ name: 'Häle Büro', address: 'post@hale.test' }]);
    expect(mail?.raw.split('\r\n\r\n')[0]).toMatch(/^[\x20-\x7e\r\n\t]+$/);
  });

  it('waits while the server is unavailable, and then arrives with the same id', async () => {
    await start({ SMTP_URL: sink.url });
    const { port } = sink;
    await sink.stop();
    await send(CHANGED);
    const [id] = await waiting();
    expect(id).toBeDefined();
    sink = await SmtpSink.start(port);
    clock.advance(MINUTE);
    await app.app.get(OutboxWorker).drain();
    expect(sink.mails.map(({ parsed }) => parsed.messageId)).toEqual([`<${id}@hale.test>`]);
    expect(await waiting()).toEqual([]);
    expect(events()).toEqual(['mail-delayed']);
  });

  it('is dropped if the server refuses the mailbox, and waits after any other refusal', async () => {
    await start({ SMTP_URL: sink.url });
    const refusals: [number, string | undefined, 'mail-undeliverable' | 'mail-delayed'][] = [
      [550, '5.1.1 No such user', 'mail-undeliverable'],
      [550, '5.1.1 The account\n5.1.1 does not exist', 'mail-undeliverable'],
      [501, '5.1.3 Bad recipient address syntax', 'mail-undeliverable'],
      [556, '5.1.10 Recipient address has null MX', 'mail-undeliverable'],
      [550, '5.2.1 Mailbox disabled', 'mail-undeliverable'],
      [450, '4.1.1 Greylisted', 'mail-delayed'],
      [450, '5.1.1 A code of another class', 'mail-delayed'],
      [550, undefined, 'mail-delayed'],
      [550, 'No such user 5.1.1', 'mail-delayed'],
      [550, '5.1.8 Bad outbound sender', 'mail-delayed'],
      [550, '5.2.10 Unknown', 'mail-delayed'],
      [552, '5.2.2 Mailbox full', 'mail-delayed'],
      [554, '5.7.1 Relay access denied', 'mail-delayed'],
      [550, '5.7.1 Listed at bl.example.org', 'mail-delayed'],
    ];
    for (const [code, says, expected] of refusals) {
      sink.refuse(code, says);
      log.lines.length = 0;
      await send(CHANGED);
      expect([code, says, events()]).toEqual([code, says, [expected]]);
      // Enough attempts to see the server's refusal.
      const codes = /^\d\.\d\.\d+/.exec(says ?? '')?.[0];
      expect(log.lines.at(-1)?.['code']).toMatch(new RegExp(`^${code}${codes ? `[ -]${codes}` : ''}$`));
    }
    const kept = await waiting();
    expect(kept).toHaveLength(refusals.filter(([, , event]) => event === 'mail-delayed').length);
    // The server accepts again.
    sink.refuse();
    clock.advance(MINUTE);
    await app.app.get(OutboxWorker).drain();
    expect(sink.mails.map(({ parsed }) => parsed.messageId).toSorted()).toEqual(
      kept.map((id) => `<${id}@hale.test>`).toSorted(),
    );
  });

  it('is dropped after continuous refusals once it is useless', async () => {
    await start({ SMTP_URL: sink.url });
    sink.refuse(554, '5.7.1 Relay access denied');
    await send(RESET);
    clock.advance(15 * MINUTE);
    await app.app.get(OutboxWorker).drain();
    expect([events(), await waiting()]).toEqual([['mail-delayed', 'mail-expired'], []]);
  });

  it('is sent to one address, whatever characters the address contains', async () => {
    await start({ SMTP_URL: sink.url });
    const transport = app.app.get(MailTransport);
    const mail = { id: 'id', to: ADDRESS, subject: 's', text: 't', html: '<p>t</p>' };
    await transport.send({ ...mail, subject: 'a\r\nBcc: eve@example.org\r\n\r\nb' });
    expect(sink.mails[0]?.parsed.subject).toBe('a Bcc: eve@example.org b');
    for (const to of [
      `${ADDRESS}\r\nBcc: eve@example.org`,
      `${ADDRESS}> <eve@example.org`,
      'a\u2028@example.org',
    ])
      await expect(transport.send({ ...mail, to })).rejects.toThrow(MailRefusedError);
    const list = [`${ADDRESS}, eve@example.org`, `eve@example.org;${ADDRESS}`, 'g: eve@example.org;'];
    for (const to of list) await transport.send({ ...mail, to }).catch(() => undefined);
    for (const { recipients, parsed } of sink.mails) {
      expect(recipients).not.toContain('eve@example.org');
      expect([parsed.bcc, parsed.cc]).toEqual([undefined, undefined]);
    }
  });

  it('is a file that only its owner can read, if there is no server', async () => {
    await start({});
    await send(RESET, 'de');
    const folder = join(app.files, 'mail');
    const names = readdirSync(folder);
    expect(names).toEqual([expect.stringMatching(/^\d{8}T\d{9}Z-[0-9a-f-]{36}\.eml$/)]);
    const file = join(folder, names[0]!);
    expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    const parsed = await simpleParser(readFileSync(file));
    expect([parsed.subject, linkIn({ parsed })]).toEqual(['Neues Passwort festlegen', LINK]);
    expect(parsed.to).toMatchObject({ text: ADDRESS });
    expect([events(), await waiting()]).toEqual([['mail-filed'], []]);
  });
});
