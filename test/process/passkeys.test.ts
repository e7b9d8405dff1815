import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Api } from '../support/api.js';
import { TestApp } from '../support/app.js';
import { findBrowser, launch } from '../support/browser.js';
import { hasDatabase } from '../support/database.js';

const executable = findBrowser();
/** Passkeys need a host name and not an IP address. This name is the local machine everywhere, and needs no certificate. */
const ORIGIN = 'http://localhost';
const PASSKEYS = '/api/auth/passkeys';

/** Passes the service's options to the browser's own functions, as a site does. */
const CREATE = `async (options) => (await navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON()`;
const GET = `async (options) => (await navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON()`;

describe.runIf(executable !== undefined && hasDatabase())(
  'passkeys, in a browser',
  { timeout: 60_000 },
  () => {
    let app: TestApp;
    let browser: Browser;
    let page: Page;
    let devtools: CDPSession;
    let device: string;
    let person: Api;
    beforeAll(async () => {
      app = await TestApp.start({ env: { PUBLIC_URL: ORIGIN } });
      browser = await launch(
        executable ?? '',
        `--host-resolver-rules=MAP localhost:80 ${new URL(app.url).host}`,
      );
      page = await browser.newPage();
      await page.goto(`${ORIGIN}/account/forgot-password`);
      devtools = await page.context().newCDPSession(page);
      await devtools.send('WebAuthn.enable');
    });
    afterAll(async () => {
      await browser?.close();
      await app?.stop();
    });
    beforeEach(async () => {
      if (device) await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device });
      device = await plugIn();
      person = await app.api.register();
    });

    /** A virtual authenticator that the browser takes for a phone. */
    async function plugIn(): Promise<string> {
      const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      return authenticatorId;
    }
    const run = (script: string, options: unknown): Promise<Record<string, unknown>> =>
      page.evaluate(`(${script})(${JSON.stringify(options)})`);
    const add = async () => {
      const { body } = await person.post(`${PASSKEYS}/options`);
      return person.post(PASSKEYS, { name: 'Phone', response: await run(CREATE, body['options']) });
    };
    const signIn = async () => {
      const { body } = await app.api.post(`${PASSKEYS}/sign-in/options`);
      return app.api.post(`${PASSKEYS}/sign-in`, { response: await run(GET, body['options']) });
    };

    it('29: can be created and used for several sign-ins without an e-mail address', async () => {
      expect((await add()).status).toBe(201);
      for (const _ of [1, 2, 3]) {
        const { status, body } = await signIn();
        expect([status, body['user']?.id]).toEqual([200, person.userId]);
      }
      const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId: device });
      expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);
      const { body } = await person.get(PASSKEYS);
      expect(body['data']).toMatchObject([{ name: 'Phone', last_used_at: expect.any(String) }]);
    });

    it('29: cannot be created twice on one device', async () => {
      await add();
      await expect(add()).rejects.toThrow(/InvalidStateError/);
    });

    it('29: cannot be created or used without finger, face or PIN', async () => {
      await add();
      const verified = (isUserVerified: boolean) =>
        devtools.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified });
      await verified(false);
      await expect(signIn()).rejects.toThrow(/NotAllowedError/);
      await verified(true);
      expect((await signIn()).status).toBe(200);
    });

    it('29: are detected as copied by their counter', async () => {
      await add();
      const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId: device });
      expect((await signIn()).status).toBe(200);
      await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device });
      device = await plugIn();
      // The copy continues to count from the moment when it was made.
      await devtools.send('WebAuthn.addCredential', {
        authenticatorId: device,
        credential: { ...credentials[0]!, signCount: 0 },
      });
      expect((await signIn()).status).toBe(401);
      const { body } = await person.get('/api/users/me/access-log');
      expect(body['data'][0].action).toBe('passkey.copied');
    });
  },
);
