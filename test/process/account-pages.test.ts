import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../src/kernel/events/outbox-worker.js';
import { type Api, PASSWORD } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { complaintsOf, findBrowser, launch } from '../support/browser.js';
import { hasDatabase } from '../support/database.js';
import { linkIn, SmtpSink } from '../support/smtp.js';

const executable = findBrowser();
const NEXT = 'quiet river under seven stars';

describe.runIf(executable !== undefined && hasDatabase())(
  'mailed links, in a browser',
  { timeout: 60_000 },
  () => {
    let sink: SmtpSink;
    let app: TestApp;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    beforeAll(async () => {
      sink = await SmtpSink.start();
      app = await TestApp.start({ env: { SMTP_URL: sink.url, AUTH_REQUIRE_VERIFIED_EMAIL: 'false' } });
      browser = await launch(executable ?? '');
      page = await browser.newPage();
      complaints = await complaintsOf(page);
    });
    afterAll(async () => {
      await browser?.close();
      await app?.stop();
      await sink?.stop();
    });

    /** The newest link, with the port on which the service listens. */
    async function linkTo(email: string): Promise<string> {
      await app.app.get(OutboxWorker).drain();
      return linkIn(sink.to(email).at(-1)!).replace(/^https?:\/\/[^/]+/, app.url);
    }
    const emailOf = (person: Api): string => person.account['user'].email as string;
    const outcome = (): Promise<string> => page.locator('#outcome:not(:empty)').innerText();
    const login = (email: string, password: string) => app.api.post('/api/auth/login', { email, password });

    it('verify an e-mail address once, and leave no token in the address bar', async () => {
      const person = await app.api.register();
      const link = await linkTo(emailOf(person));
      await page.goto(link);
      expect(page.url()).toBe(`${app.url}/account/verify-email`);
      await page.locator('input').fill(NEXT);
      await page.locator('button').click();
      expect(await outcome()).toContain('not the password');
      await page.locator('input').fill(PASSWORD);
      await page.locator('button').click();
      await page.locator('form[hidden]').waitFor({ state: 'attached' });
      expect(await outcome()).toContain('confirmed');
      expect((await person.get('/api/users/me')).body['email_verified']).toBe(true);
      // A URL that differs only after # would not load a new page.
      await page.goto('about:blank');
      await page.goto(link);
      await page.locator('input').fill(PASSWORD);
      await page.locator('button').click();
      expect(await outcome()).toContain('no longer works');
      // The browser reports every answer that is not a success.
      expect(complaints.splice(0)).toEqual([expect.stringContaining('403'), expect.stringContaining('410')]);
    });

    it('set a new password, from the request to the sign-in', async () => {
      const person = await app.api.register();
      await page.goto(`${app.url}/account/forgot-password`);
      await page.locator('input').fill(emailOf(person));
      await page.locator('button').click();
      expect(await outcome()).toContain('we have sent the mail');
      await page.goto(await linkTo(emailOf(person)));
      await page.locator('input').fill('password1234');
      await page.locator('button').click();
      expect(await outcome()).toContain('common');
      await page.locator('input').fill(NEXT);
      await page.locator('button').click();
      await page.locator('form[hidden]').waitFor({ state: 'attached' });
      expect(await outcome()).toContain('password is set');
      expect((await login(emailOf(person), NEXT)).status).toBe(200);
      expect(complaints.splice(0)).toEqual([expect.stringContaining('422')]);
    });

    it('show errors in the language of the page', async () => {
      const german = await browser.newPage({ locale: 'de-AT' });
      const said = await complaintsOf(german);
      const person = await app.api.register();
      await app.api.post('/api/auth/forgot-password', { email: emailOf(person) });
      const link = await linkTo(emailOf(person));
      await german.goto(link);
      await german.locator('input').fill('password1234');
      await german.locator('button').click();
      await german.locator('#outcome:not(:empty)').waitFor();
      expect(await german.locator('#outcome').innerText()).toMatch(/^Dieses Passwort geht nicht/);
      await german.locator('input').fill(NEXT);
      await german.locator('button').click();
      await german.getByText('Ihr Passwort ist festgelegt').waitFor();
      await german.goto('about:blank');
      await german.goto(link);
      await german.locator('input').fill(NEXT);
      await german.locator('button').click();
      await german.getByText('Dieser Link gilt nicht mehr').waitFor();
      expect(said).toEqual([expect.stringContaining('422'), expect.stringContaining('410')]);
      await german.close();
    });

    it('are in German for people who prefer it, and other pages do not exist', async () => {
      const german = app.api.with({ 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' });
      expect((await german.get('/account/reset-password')).body).toContain('<html lang="de">');
      expect((await app.api.get(`/account/${randomUUID()}`)).status).toBe(404);
    });
  },
);
