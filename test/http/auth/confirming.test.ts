import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { Passwords } from '../../../src/modules/identity/auth/passwords.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { change as changeRow } from '../../support/people.js';
import { SharedApps } from '../../support/shared-apps.js';
import { linkIn, SmtpSink } from '../../support/smtp.js';
import { outcome, realPolicy, tally, times } from './support.js';

const STRANGERS = 'the passphrase of a stranger';
const ADAS = 'quiet river under seven stars';
const newAddress = (): string => `${randomUUID()}@example.org`;

describe.runIf(hasDatabase())('a mailed link', () => {
  const apps = new SharedApps(() => ({ env: { SMTP_URL: sink.url } }));
  let sink: SmtpSink;
  let app: TestApp;
  let email: string;
  beforeAll(async () => {
    sink = await SmtpSink.start();
  });
  beforeEach(() => {
    email = newAddress();
  });
  afterAll(async () => {
    await apps.stop();
    await sink.stop();
  });

  /** Uses the service in this mode; tests that need both modes call it a second time. */
  async function start(requiresVerified: boolean): Promise<void> {
    app = await apps.start({ AUTH_REQUIRE_VERIFIED_EMAIL: String(requiresVerified) });
  }
  async function tokens(address = email): Promise<string[]> {
    await app.app.get(OutboxWorker).drain();
    const links = sink.to(address).map((mail) => linkIn(mail));
    return links.filter((link) => link.includes('#token=')).map((link) => link.split('#token=')[1]!);
  }
  const lastToken = async (address = email): Promise<string> => (await tokens(address)).at(-1) ?? '';
  const post = (path: string, body: unknown, by: Api = app.api): Promise<Answer> =>
    by.post(`/api/auth/${path}`, body);
  const register = (password: string, more: object = {}) => post('register', { email, password, ...more });
  const login = (password: string, address = email) => post('login', { email: address, password });
  const signedIn = async (password: string, address = email): Promise<Api> =>
    app.api.bearer((await login(password, address)).body['access_token']);
  const confirm = (token: string, password?: string, by?: Api) =>
    post('verify-email', { token, ...(password === undefined ? {} : { password }) }, by);
  const fieldsOf = ({ body }: Answer): string[] =>
    ((body['errors'] ?? []) as { field: string }[]).map(({ field }) => field);

  describe('that verifies an address, where accounts must be verified', () => {
    it('18: gives the account to whoever registered last and knows the password, not to a stranger', async () => {
      await start(true);
      await register(STRANGERS, { display_name: 'Mallory' });
      const stranger = await login(STRANGERS);
      expect((await register(ADAS, { display_name: 'Ada', weight_unit: 'lb' })).status).toBe(202);
      expect(outcome(await confirm(await lastToken(), ADAS))).toBe('204');
      const ada = await login(ADAS);
      expect(ada.body['user']).toMatchObject({
        email,
        email_verified: true,
        display_name: 'Ada',
        weight_unit: 'lb',
      });
      expect(outcome(await login(STRANGERS))).toBe('401 invalid-credentials');
      expect(outcome(await app.api.bearer(stranger.body['access_token']).get('/api/users/me'))).toBe(
        '401 session-revoked',
      );
      const { refresh_token } = stranger.body;
      expect(outcome(await post('refresh', { refresh_token }))).toBe('401 session-revoked');
      const own = app.api.bearer(ada.body['access_token']);
      const { body } = await own.get('/api/users/me/access-log');
      expect(body['data'].map(({ action }: { action: string }) => action)).toEqual(
        expect.arrayContaining(['account.taken', 'email.verified']),
      );
    });

    it('18: confirms nothing for a person who does not know the password of the registration', async () => {
      await start(true);
      await register(STRANGERS);
      const token = await lastToken();
      const without = await confirm(token);
      expect([outcome(without), fieldsOf(without)]).toEqual(['422 validation', ['password']]);
      expect(outcome(await confirm(token, ADAS))).toBe('403 password-incorrect');
      expect((await login(STRANGERS)).body['user'].email_verified).toBe(false);
      // The link is not used up: the person who registered can still use it.
      expect(outcome(await confirm(token, STRANGERS))).toBe('204');
    });

    it('18: of an older registration is answered with 410 once a newer one was mailed', async () => {
      await start(true);
      await register(STRANGERS);
      const old = await lastToken();
      await register(ADAS);
      expect(outcome(await confirm(old, STRANGERS))).toBe('410 link-expired');
      const token = await lastToken();
      expect(outcome(await confirm(token, STRANGERS))).toBe('403 password-incorrect');
      const session = await signedIn(STRANGERS);
      expect(outcome(await confirm(token, undefined, session))).toBe('422 validation');
      expect((await login(STRANGERS)).body['user'].email_verified).toBe(false);
      expect(outcome(await login(ADAS))).toBe('401 invalid-credentials');
    });

    it('18: is mailed again for the newest registration', async () => {
      await start(true);
      await register(STRANGERS);
      await register(ADAS);
      const before = await lastToken();
      await post('verify-email/resend', { email });
      expect(outcome(await confirm(before, ADAS))).toBe('410 link-expired');
      const token = await lastToken();
      expect(outcome(await confirm(token, STRANGERS))).toBe('403 password-incorrect');
      expect(outcome(await confirm(token, ADAS))).toBe('204');
      expect(outcome(await login(ADAS))).toBe('200');
    });

    it('18: stays the only one that counts when a registration comes after the confirmation', async () => {
      await start(true);
      await register(ADAS);
      expect(outcome(await confirm(await lastToken(), ADAS))).toBe('204');
      const before = await tokens();
      expect((await register(STRANGERS)).status).toBe(202);
      expect(await tokens()).toEqual(before);
      expect(sink.to(email).at(-1)?.parsed.subject).toBe('You already have an account');
      expect([outcome(await login(ADAS)), outcome(await login(STRANGERS))]).toEqual([
        '200',
        '401 invalid-credentials',
      ]);
    });

    it('18: works once, however many requests use it at the same time', async () => {
      await start(true);
      await register(STRANGERS);
      await register(ADAS);
      const token = await lastToken();
      const answers = await Promise.all(times(12, () => confirm(token, ADAS)));
      expect(tally(answers)).toEqual({ 204: 1, '410 link-expired': 11 });
      expect(outcome(await login(ADAS))).toBe('200');
    });

    it('6: lets nobody guess the password: of 30 concurrent wrong ones 5 are checked', async () => {
      app = await apps.start({ AUTH_REQUIRE_VERIFIED_EMAIL: 'true' }, 'limited', { override: realPolicy });
      await register(STRANGERS);
      const token = await lastToken();
      const checked = vi.spyOn(app.app.get(Passwords), 'matches');
      const answers = await Promise.all(times(30, (i) => confirm(token, `not the password ${i}`)));
      expect(tally(answers)).toEqual({ '403 password-incorrect': 5, '429 too-many-attempts': 25 });
      expect(checked).toHaveBeenCalledTimes(5);
      // A link that does not exist costs no hashing, and guesses do not lock the account.
      await Promise.all(times(20, () => confirm('x'.repeat(43), ADAS)));
      expect(checked).toHaveBeenCalledTimes(5);
      expect(outcome(await login(STRANGERS))).toBe('200');
      checked.mockRestore();
    });

    it('18: removes what a stranger had set up before verification was required', async () => {
      await start(false);
      const signedUp = await register(STRANGERS);
      const stranger = app.api.bearer(signedUp.body['access_token']);
      const coach = newAddress();
      const [key, grant] = [
        await stranger.post('/api/api-keys', { name: 'theirs', scopes: ['profile:read', 'metrics:read'] }),
        await stranger.post('/api/users/me/grants', { email: coach, scopes: ['metrics:read'] }),
      ];
      expect([key.status, grant.status]).toEqual([201, 201]);
      expect((await stranger.post('/api/auth/totp', {})).status).toBe(201);
      await start(true);
      expect((await register(ADAS)).status).toBe(202);
      expect(outcome(await confirm(await lastToken(), ADAS))).toBe('204');
      const ada = await signedIn(ADAS);
      expect((await ada.get('/api/users/me')).body['id']).toBe(signedUp.body['user'].id);
      expect(outcome(await app.api.bearer(key.body['key']).get('/api/users/me'))).toBe('401 unauthenticated');
      expect((await ada.get('/api/api-keys')).body['data']).toEqual([]);
      expect((await ada.get('/api/users/me/grants')).body['data']).toEqual([]);
      expect(
        await app.db.rows('SELECT * FROM totp_secrets WHERE user_id = ?', [signedUp.body['user'].id]),
      ).toEqual([]);
    });
  });

  describe('that verifies an address, where accounts work at once', () => {
    beforeEach(() => start(false));

    it('18: proves nothing for the stranger who registered; the owner gets the account by a reset', async () => {
      const signedUp = await register(STRANGERS);
      const stranger = app.api.bearer(signedUp.body['access_token']);
      const key = await stranger.post('/api/api-keys', { name: 'theirs', scopes: ['metrics:read'] });
      const keyed = app.api.bearer(key.body['key']);
      expect(outcome(await register(ADAS))).toBe('409 email-taken');
      const token = await lastToken();
      expect(outcome(await confirm(token))).toBe('422 validation');
      expect(outcome(await confirm(token, ADAS))).toBe('403 password-incorrect');
      await post('forgot-password', { email });
      const reset = { token: await lastToken(), new_password: ADAS };
      expect(outcome(await post('reset-password', reset))).toBe('204');
      expect(outcome(await keyed.get('/api/health-metrics/weight'))).toBe('401 unauthenticated');
      expect(outcome(await login(STRANGERS))).toBe('401 invalid-credentials');
      expect((await login(ADAS)).body['user'].email_verified).toBe(true);
      expect(outcome(await confirm(token, STRANGERS))).toBe('410 link-expired');
    });

    it('8: needs no password in a session of its account; the session stays open', async () => {
      const person = app.api.bearer((await register(ADAS)).body['access_token']);
      const token = await lastToken();
      const other = await app.api.register();
      expect(outcome(await confirm(token, undefined, other))).toBe('422 validation');
      expect(outcome(await confirm(token, undefined, app.api.bearer('a.b.c')))).toBe('401 unauthenticated');
      const answers = await Promise.all(times(6, () => confirm(token, undefined, person)));
      expect(tally(answers)).toEqual({ 204: 1, '410 link-expired': 5 });
      expect((await person.get('/api/users/me')).body['email_verified']).toBe(true);
    });

    it('30: does not accept an API key as a session', async () => {
      const person = app.api.bearer((await register(ADAS)).body['access_token']);
      const key = await person.post('/api/api-keys', { name: 'a program', scopes: ['profile:read'] });
      const keyed = app.api.bearer(key.body['key']);
      expect(outcome(await confirm(await lastToken(), undefined, keyed))).toBe('422 validation');
    });

    it('8: of an account without a password needs a session', async () => {
      const signedUp = await register(ADAS);
      await changeRow(app, "UPDATE users SET password_hash = '' WHERE id = ?", [signedUp.body['user'].id]);
      const token = await lastToken();
      expect(outcome(await confirm(token, ADAS))).toBe('403 password-incorrect');
      const person = app.api.bearer(signedUp.body['access_token']);
      expect(outcome(await confirm(token, undefined, person))).toBe('204');
    });
  });

  describe('that changes an address', () => {
    beforeEach(() => start(false));
    let asking: Api;
    let next: string;
    let token: string;
    beforeEach(async () => {
      asking = app.api.bearer((await register(STRANGERS)).body['access_token']);
      next = newAddress();
      await asking.post('/api/users/me/email', { email: next });
      token = await lastToken(next);
    });
    const use = (password?: string, by?: Api) =>
      post('confirm-email', { token, ...(password === undefined ? {} : { password }) }, by);

    it('9: does not hand the address of its reader to the account that asked', async () => {
      const victim = await app.api.register();
      const without = await use();
      expect([outcome(without), fieldsOf(without)]).toEqual(['422 validation', ['password']]);
      expect(outcome(await use(undefined, victim))).toBe('422 validation');
      expect(outcome(await use(PASSWORD, victim))).toBe('403 password-incorrect');
      expect((await asking.get('/api/users/me')).body['email']).toBe(email);
      expect(outcome(await post('register', { email: next, password: ADAS }))).toBe('201');
    });

    it('9: works once in a session, or with the password, of the account that asked', async () => {
      const answers = await Promise.all(times(6, (i) => (i % 2 ? use(undefined, asking) : use(STRANGERS))));
      expect(tally(answers)).toEqual({ 204: 1, '410 link-expired': 5 });
      expect((await asking.get('/api/users/me')).body).toMatchObject({ email: next, email_verified: true });
      expect(outcome(await login(STRANGERS, next))).toBe('200');
    });
  });
});
