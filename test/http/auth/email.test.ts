import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { MailPolicy } from '../../../src/modules/identity/auth/mail-limits.js';
import { Passwords } from '../../../src/modules/identity/auth/passwords.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, HOUR, MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change as changeRow } from '../../support/people.js';
import { type CaughtMail, linkIn, SmtpSink } from '../../support/smtp.js';
import { codeOf } from '../hardening/support.js';
import { all, claimsOf, Log, tally } from './support.js';
import { Device } from '../realtime/support.js';

const NEXT = 'quiet river under seven stars';
const address = (): string => `${randomUUID()}@example.org`;

/** The token in the newest mail to an address. */
const tokenOf = (mail: CaughtMail | undefined): string => {
  if (!mail) throw new Error('There is no such mail');
  return new URL(linkIn(mail)).hash.replace('#token=', '');
};

describe.runIf(hasDatabase())('the address of an account', () => {
  const clock = new TestClock();
  const log = new Log();
  let sink: SmtpSink;
  let app: TestApp;
  let open: TestApp['stop'];
  let worker: OutboxWorker;

  async function start(env: Record<string, string>, policy?: MailPolicy): Promise<void> {
    sink = await SmtpSink.start();
    app = await TestApp.start({
      env: { SMTP_URL: sink.url, LOG_LEVEL: 'info', PUBLIC_URL: 'https://hale.test', ...env },
      override: all(
        (builder) => clock.install(builder),
        log.install,
        (builder) => (policy ? builder.overrideProvider(MailPolicy).useValue(policy) : builder),
      ),
    });
    worker = app.app.get(OutboxWorker);
    open = async () => {
      await app.stop();
      await sink.stop();
    };
  }
  /** Waits until all mails are sent. */
  const mailsTo = async (email: string): Promise<CaughtMail[]> => {
    await worker.drain();
    return sink.to(email);
  };
  const last = async (email: string): Promise<CaughtMail | undefined> => (await mailsTo(email)).at(-1);
  const subjects = async (email: string) => (await mailsTo(email)).map(({ parsed }) => parsed.subject);
  const post = (path: string, body: unknown): Promise<Answer> => app.api.post(`/api/auth/${path}`, body);
  const login = (email: string, password = PASSWORD) => post('login', { email, password });
  const emailOf = (person: Api) => person.account['user'].email as string;

  describe('without required verification', () => {
    beforeAll(() => start({ AUTH_REQUIRE_VERIFIED_EMAIL: 'false' }));
    afterAll(() => open());

    it('8: is verified by the mailed link, once', async () => {
      const person = await app.api.register();
      expect(person.account['user'].email_verified).toBe(false);
      const token = tokenOf(await last(emailOf(person)));
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => post('verify-email', { token, password: PASSWORD })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 410, 410, 410]);
      expect((await person.get('/api/users/me')).body['email_verified']).toBe(true);
      expect(codeOf(await post('verify-email', { token, password: PASSWORD }))).toBe('link-expired');
    });

    it('8: a replaced, expired or unknown link is answered with 410', async () => {
      const person = await app.api.register();
      const first = tokenOf(await last(emailOf(person)));
      expect((await post('verify-email/resend', { email: emailOf(person) })).status).toBe(202);
      const second = tokenOf(await last(emailOf(person)));
      expect((await post('verify-email', { token: first, password: PASSWORD })).status).toBe(410);
      clock.advance(3 * DAY + MINUTE);
      expect((await post('verify-email', { token: second, password: PASSWORD })).status).toBe(410);
      expect((await post('verify-email', { token: 'x'.repeat(43), password: PASSWORD })).status).toBe(410);
      expect((await post('verify-email', { token: '' })).status).toBe(422);
    });

    it('4: resend and forgot answer alike for every address, and mail only to existing accounts', async () => {
      const person = await app.api.register();
      const stranger = address();
      for (const path of ['verify-email/resend', 'forgot-password']) {
        const [known, unknown] = await Promise.all(
          [emailOf(person), stranger].map((email) => post(path, { email })),
        );
        expect([known?.status, known?.body]).toEqual([unknown?.status, unknown?.body]);
        expect([...(known?.headers.keys() ?? [])]).toEqual([...(unknown?.headers.keys() ?? [])]);
      }
      expect(await mailsTo(stranger)).toEqual([]);
      expect(await subjects(emailOf(person))).toHaveLength(3);
    });

    it('10: the link sets the password once, within 15 minutes; only the newest link works', async () => {
      const person = await app.api.register();
      const email = emailOf(person);
      await post('forgot-password', { email });
      const first = tokenOf(await last(email));
      await post('forgot-password', { email });
      const token = tokenOf(await last(email));
      expect((await post('reset-password', { token: first, new_password: NEXT })).status).toBe(410);
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => post('reset-password', { token, new_password: NEXT })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 410, 410, 410]);
      expect([(await login(email)).status, (await login(email, NEXT)).status]).toEqual([401, 200]);
      await post('forgot-password', { email });
      const late = tokenOf(await last(email));
      clock.advance(15 * MINUTE + 1_000);
      expect((await post('reset-password', { token: late, new_password: PASSWORD })).status).toBe(410);
    });

    it('10: of several links only one works', async () => {
      const person = await app.api.register();
      const email = emailOf(person);
      await Promise.all([1, 2, 3, 4, 5, 6].map(() => post('forgot-password', { email })));
      const tokens = (await mailsTo(email)).slice(1).map(tokenOf);
      expect(new Set(tokens).size).toBe(6);
      const answers = [];
      for (const token of tokens) answers.push(await post('reset-password', { token, new_password: NEXT }));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 410, 410, 410, 410, 410]);
    });

    it('18: when the owner resets the password, a person who signed up with their address loses all access', async () => {
      const squatter = await app.api.register();
      const email = emailOf(squatter);
      const key = await squatter.post('/api/api-keys', { name: 'kept', scopes: ['profile:read'] });
      const keyed = app.api.bearer(key.body['key'] as string);
      expect((await keyed.get('/api/users/me')).status).toBe(200);
      await post('forgot-password', { email });
      const token = tokenOf(await last(email));
      expect((await post('reset-password', { token, new_password: NEXT })).status).toBe(204);
      expect((await keyed.get('/api/users/me')).status).toBe(401);
      expect((await squatter.get('/api/users/me')).status).toBe(401);
      const { body } = await login(email, NEXT);
      expect(body['user']).toMatchObject({ id: squatter.userId, email_verified: true });
    });

    it('10: the token is only in the mail', async () => {
      const person = await app.api.register();
      const email = emailOf(person);
      sink.refuse(450);
      await post('forgot-password', { email });
      await worker.drain();
      const dump = await Promise.all(
        app.db.writer.entityMetadatas.map(({ tableName }) => app.db.rows(`SELECT * FROM ${tableName}`)),
      );
      sink.refuse();
      clock.advance(MINUTE);
      const token = tokenOf(await last(email));
      const text = JSON.stringify(dump, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
      expect(text).not.toContain(token);
      expect(JSON.stringify(log.lines)).not.toContain(token);
      expect(JSON.stringify(log.lines)).not.toContain(email);
    });

    it('11: a reset signs nobody in, ends every session and is reported', async () => {
      const person = await app.api.register();
      const email = emailOf(person);
      await post('forgot-password', { email });
      const answer = await post('reset-password', { token: tokenOf(await last(email)), new_password: NEXT });
      expect([answer.status, answer.body]).toEqual([204, '']);
      expect((await person.get('/api/users/me')).status).toBe(401);
      expect((await post('refresh', { refresh_token: person.account['refresh_token'] })).status).toBe(401);
      expect(await subjects(email)).toHaveLength(3);
      const { body } = await login(email, NEXT);
      expect(body['user'].email_verified).toBe(true);
    });

    it('10: a token that nobody issued is refused before anything is hashed', async () => {
      const person = await app.api.register();
      const email = emailOf(person);
      await post('forgot-password', { email });
      const token = tokenOf(await last(email));
      const hashed = vi.spyOn(app.app.get(Passwords), 'hash');
      const junk = await Promise.all(
        Array.from({ length: 90 }, (_, index) =>
          post('reset-password', { token: `${index}`.padStart(43, 'x'), new_password: NEXT }),
        ),
      );
      expect(tally(junk)).toEqual({ '410 link-expired': 90 });
      expect(hashed).not.toHaveBeenCalled();
      expect((await post('reset-password', { token, new_password: NEXT })).status).toBe(204);
      expect(hashed).toHaveBeenCalledTimes(1);
      hashed.mockRestore();
    });

    it('1: a common password is refused, and the link still works', async () => {
      const person = await app.api.register();
      const email = emailOf(person);
      await post('forgot-password', { email });
      const token = tokenOf(await last(email));
      expect((await post('reset-password', { token, new_password: 'password1234' })).status).toBe(422);
      expect((await post('reset-password', { token, new_password: NEXT })).status).toBe(204);
    });

    it.each([
      ['Host', { host: 'evil.test' }],
      ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http' }],
      ['Forwarded', { forwarded: 'host=evil.test;proto=http' }],
    ])('12: %s does not move the link', async (_, headers) => {
      const person = await app.api.register();
      await app.api.with(headers).post('/api/auth/forgot-password', { email: emailOf(person) });
      const mail = await last(emailOf(person));
      expect(linkIn(mail!)).toMatch(/^https:\/\/hale\.test\/account\/reset-password#token=/);
      expect(mail?.raw).not.toContain('evil');
    });

    describe('9: change of address', () => {
      let person: Api;
      beforeEach(async () => {
        person = await app.api.register();
      });
      const change = (email: string, who = person) => who.post('/api/users/me/email', { email });

      it('9: counts once it is confirmed; the old one is told; other devices are signed out', async () => {
        const [old, next] = [emailOf(person), address()];
        const other = await login(old);
        expect((await change(next)).status).toBe(202);
        expect([(await login(old)).status, (await login(next)).status]).toEqual([200, 401]);
        const token = tokenOf(await last(next));
        const answers = await Promise.all(
          [1, 2, 3].map(() => post('confirm-email', { token, password: PASSWORD })),
        );
        expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 410, 410]);
        expect([(await login(old)).status, (await login(next)).status]).toEqual([401, 200]);
        const { body } = await person.get('/api/users/me');
        expect([body['email'], body['email_verified']]).toEqual([next, true]);
        expect((await app.api.bearer(other.body['access_token']).get('/api/users/me')).status).toBe(401);
        const notice = await last(old);
        expect(notice?.parsed.text).toContain('…@example.org');
        expect(notice?.raw).not.toContain(next);
      });

      it('9: never takes the address of another account; the answer does not reveal it', async () => {
        const other = await app.api.register();
        const before = (await mailsTo(emailOf(other))).length;
        const [taken, free] = [await change(emailOf(other)), await change(address())];
        expect([taken.status, taken.body]).toEqual([free.status, free.body]);
        const mails = (await mailsTo(emailOf(other))).slice(before);
        expect(mails.map(({ parsed }) => parsed.subject)).toHaveLength(1);
        expect(linkIn(mails[0]!)).not.toContain('token');
      });

      it('9: of two people who confirm one address, one gets it', async () => {
        const rival = await app.api.register();
        const next = address();
        await change(next);
        const mine = tokenOf(await last(next));
        await change(next, rival);
        const theirs = tokenOf(await last(next));
        const answers = await Promise.all(
          [mine, theirs].map((token) => post('confirm-email', { token, password: PASSWORD })),
        );
        expect(answers.map((answer) => [answer.status, codeOf(answer)]).toSorted()).toEqual([
          [204, undefined],
          [409, 'email-taken'],
        ]);
      });

      it('9, 40: a link of a person who was signed out is answered with 410: they do not get the account', async () => {
        const old = emailOf(person);
        const forgotten = async (): Promise<number> => {
          await post('forgot-password', { email: old });
          const token = tokenOf(await last(old));
          return (await post('reset-password', { token, new_password: PASSWORD })).status;
        };
        const changed = async (owner: Api): Promise<number> =>
          (await owner.put('/api/users/me/password', { current_password: PASSWORD, new_password: PASSWORD }))
            .status;
        const ended = async (owner: Api, thief: Answer): Promise<number> =>
          (await owner.delete(`/api/auth/sessions/${claimsOf(thief.body['access_token'])['sid']}`)).status;
        for (const throwOut of [changed, ended, forgotten]) {
          const thief = await login(old);
          const owner = app.api.bearer((await login(old)).body['access_token']);
          const next = address();
          expect((await change(next, app.api.bearer(thief.body['access_token']))).status).toBe(202);
          const token = tokenOf(await last(next));
          expect(await throwOut(owner, thief)).toBe(204);
          expect(codeOf(await post('confirm-email', { token, password: PASSWORD }))).toBe('link-expired');
          expect([(await login(next)).status, (await login(old)).status]).toEqual([401, 200]);
        }
      });

      it('10: a link for a password is valid only for the address it was sent to', async () => {
        await post('forgot-password', { email: emailOf(person) });
        const token = tokenOf(await last(emailOf(person)));
        await changeRow(app, 'UPDATE users SET email = ? WHERE id = ?', [address(), person.userId]);
        expect((await post('reset-password', { token, new_password: NEXT })).status).toBe(410);
      });

      it('10: a link for a password is answered with 410 after the password was changed', async () => {
        await post('forgot-password', { email: emailOf(person) });
        const token = tokenOf(await last(emailOf(person)));
        await person.put('/api/users/me/password', { current_password: PASSWORD, new_password: NEXT });
        expect((await post('reset-password', { token, new_password: PASSWORD })).status).toBe(410);
      });

      it('8: the link that verifies the old address is answered with 410 afterwards', async () => {
        const verify = tokenOf(await last(emailOf(person)));
        const next = address();
        await change(next);
        await post('confirm-email', { token: tokenOf(await last(next)), password: PASSWORD });
        expect((await post('verify-email', { token: verify, password: PASSWORD })).status).toBe(410);
      });

      it('28: needs a fresh proof', async () => {
        clock.advance(11 * MINUTE);
        expect(codeOf(await change(address()))).toBe('step-up-required');
        expect((await person.post('/api/auth/reauth', { password: 'wrong' })).status).toBe(403);
        const { status, body } = await person.post('/api/auth/reauth', { password: PASSWORD });
        expect([status, Object.keys(body)]).toEqual([200, ['access_token', 'token_type', 'expires_in']]);
        const proved = person.bearer(body['access_token']);
        expect((await change(address(), proved)).status).toBe(202);
        // The proof belongs to the session: new tokens contain it, the old one does not.
        expect(codeOf(await change(address()))).toBe('step-up-required');
      });
    });

    it('35: the owner is notified of a stolen session, a changed password and the deletion of the account', async () => {
      const person = await app.api.register({ locale: 'en' });
      const email = emailOf(person);
      const first = person.account['refresh_token'] as string;
      const refresh = (token: unknown) => post('refresh', { refresh_token: token });
      const second = (await refresh(first)).body['refresh_token'];
      await refresh((await refresh(second)).body['refresh_token']);
      expect(codeOf(await refresh(first))).toBe('token-reused');
      const again = app.api.bearer((await login(email)).body['access_token']);
      await again.put('/api/users/me/password', { current_password: PASSWORD, new_password: NEXT });
      // Waiting mail is deleted with the account, except the last letter.
      await worker.drain();
      expect((await again.delete('/api/users/me')).status).toBe(204);
      expect((await subjects(email)).slice(1)).toEqual([
        'We signed out one of your devices',
        'Your password was changed',
        'Your account was deleted',
      ]);
    });

    it.each([
      ['de-AT,de;q=0.9,en;q=0.5', 'de-AT', /Adresse/],
      ['en;q=0.1, DE;q=0.7, fr;q=0', 'de', /Adresse/],
      ['*', 'en', /address/],
      ['fr-CA', 'fr-CA', /address/],
      [`de;q=0.1, ${'x'.repeat(5_000)}, ;q=9, -, de-${'a'.repeat(40)}`, 'de', /Adresse/],
    ])('a new account gets its language from Accept-Language: %s', async (header, locale, words) => {
      const person = await app.api.with({ 'accept-language': header }).register();
      expect(person.account['user'].locale).toBe(locale);
      expect((await last(emailOf(person)))?.parsed.text).toMatch(words);
    });

    it('a letter is in the language of the profile', async () => {
      const person = await app.api.register({ locale: 'de-AT' });
      expect((await last(emailOf(person)))?.parsed.text).toMatch(/Adresse/);
    });
  });

  describe('with required verification', () => {
    beforeAll(() => start({}));
    afterAll(() => open());
    const register = (email: string) => post('register', { email, password: PASSWORD });

    it('3: registration answers alike for a new address and one that is taken', async () => {
      const email = address();
      const [first, again] = [await register(email), await register(email)];
      expect([first.status, first.body]).toEqual([202, { email }]);
      expect([again.status, again.body]).toEqual([202, { email }]);
      expect([...again.headers.keys()]).toEqual([...first.headers.keys()]);
      await post('verify-email', { token: tokenOf(await last(email)), password: PASSWORD });
      const known = await register(email);
      expect([known.status, known.body]).toEqual([202, { email }]);
      const mails = await mailsTo(email);
      expect(mails.map((mail) => linkIn(mail).includes('#token='))).toEqual([true, true, false]);
    });

    it('8: until then everything except the account itself is answered with 403', async () => {
      const email = address();
      await register(email);
      const { status, body } = await login(email);
      expect(status).toBe(200);
      const person = app.api.bearer(body['access_token']);
      const gated = ['/api/health-metrics/weight', '/api/meals', '/api/sync/pull', '/api/sync/status'];
      for (const path of gated) expect(codeOf(await person.get(path))).toBe('email-unverified');
      const socket = await Device.open(person);
      expect(await socket.closed()).toBe(1008);
      expect(socket.messages).toEqual([{ t: 'error', code: 'email-unverified' }]);
      for (const path of ['/api/users/me', '/api/auth/sessions', '/api/users/me/access-log'])
        expect((await person.get(path)).status).toBe(200);
      // These would outlast the password if the address belonged to somebody else.
      for (const path of [
        '/api/auth/totp',
        '/api/auth/passkeys/options',
        '/api/auth/identities/start',
        '/api/api-keys',
      ])
        expect(codeOf(await person.post(path, {}))).toBe('email-unverified');
      await post('verify-email', { token: tokenOf((await mailsTo(email))[0]), password: PASSWORD });
      // Takes effect at once, with the same token.
      for (const path of gated) expect((await person.get(path)).status).toBe(200);
      await (await Device.join(person)).leave();
    });
  });

  describe('78: requested mails', () => {
    beforeAll(() => start({ AUTH_REQUIRE_VERIFIED_EMAIL: 'false' }, new MailPolicy()));
    afterAll(() => open());
    // No mail was requested yet.
    beforeEach(() => clock.advance(HOUR + MINUTE));

    it('78: three an hour to one mailbox, also for concurrent requests, whether or not an account has it', async () => {
      const person = await app.api.register();
      for (const email of [emailOf(person), address()]) {
        const answers = await Promise.all(
          Array.from({ length: 8 }, () => post('forgot-password', { email })),
        );
        expect(tally(answers)).toEqual({ 202: 8 });
      }
      expect(await mailsTo(emailOf(person))).toHaveLength(1 + 3);
      clock.advance(HOUR + MINUTE);
      expect((await post('forgot-password', { email: emailOf(person) })).status).toBe(202);
    });

    it('78: strangers do not use up the mail that the owner of a known device needs', async () => {
      const person = await app.api.register({ device_id: 'a1f4c8e2-phone' });
      const email = emailOf(person);
      const forgot = (device_id: string) => post('forgot-password', { email, device_id });
      for (let i = 0; i < 5; i += 1) await forgot(`stranger-${i}`);
      expect(await mailsTo(email)).toHaveLength(1 + 3);
      const answers = await Promise.all(Array.from({ length: 5 }, () => forgot('a1f4c8e2-phone')));
      expect(tally(answers)).toEqual({ 202: 5 });
      expect(await mailsTo(email)).toHaveLength(1 + 3 + 1);
      const token = tokenOf(await last(email));
      expect((await post('reset-password', { token, new_password: NEXT })).status).toBe(204);
    });

    it('78: nor the mail that verifies the address, also for requests at once', async () => {
      const person = await app.api.register({ device_id: 'b2e4c8e2-phone' });
      const email = emailOf(person);
      const resend = (device_id?: string) => post('verify-email/resend', { email, device_id });
      const strangers = await Promise.all(Array.from({ length: 8 }, () => resend()));
      expect(tally(strangers)).toEqual({ 202: 8 });
      expect(await mailsTo(email)).toHaveLength(1 + 3);
      const owner = await Promise.all(Array.from({ length: 4 }, () => resend('b2e4c8e2-phone')));
      expect(tally(owner)).toEqual({ 202: 4 });
      expect(await mailsTo(email)).toHaveLength(1 + 3 + 1);
      expect(tally([await resend('a-guess')])).toEqual({ 202: 1 });
      const token = tokenOf(await last(email));
      expect((await post('verify-email', { token, password: PASSWORD })).status).toBe(204);
    });

    it('9: nobody can prevent the notice about a requested change by using up the mails before', async () => {
      const thief = await app.api.register();
      const email = emailOf(thief);
      const other = await app.api.register();
      for (let i = 0; i < 3; i += 1) await other.post('/api/users/me/email', { email });
      // All mails that this network address may request but one.
      for (let i = 0; i < 14; i += 1) await post('forgot-password', { email: address() });
      expect((await thief.post('/api/users/me/email', { email: address() })).status).toBe(202);
      expect((await subjects(email)).at(-1)).toBe('A new e-mail address for your account');
      const { body } = await thief.get('/api/users/me/access-log');
      expect(body['data'][0].action).toBe('email.asked');
    });

    it('78: requests for one kind of mail do not block another kind', async () => {
      const email = emailOf(await app.api.register());
      for (let i = 0; i < 4; i += 1) {
        await post('register', { email, password: PASSWORD });
        await post('verify-email/resend', { email });
      }
      expect((await post('forgot-password', { email })).status).toBe(202);
    });

    it('78: a person requests ten changes an hour, and the owner gets a notice about each', async () => {
      const person = await app.api.register();
      const answers = await Promise.all(
        Array.from({ length: 14 }, () => person.post('/api/users/me/email', { email: address() })),
      );
      expect(tally(answers)).toEqual({ 202: 10, '429 too-many-attempts': 4 });
      const mails = await subjects(emailOf(person));
      expect(mails.filter((subject) => subject === 'A new e-mail address for your account')).toHaveLength(10);
    });
  });

  describe('78: mails at sign-up with required verification', () => {
    beforeAll(() => start({}, new MailPolicy()));
    afterAll(() => open());
    beforeEach(() => clock.advance(HOUR + MINUTE));
    const register = (email: string) => post('register', { email, password: PASSWORD });

    it('78: sign-ups with the address of another person do not flood the mailbox', async () => {
      const email = address();
      const answers = await Promise.all(Array.from({ length: 8 }, () => register(email)));
      expect(tally(answers)).toEqual({ 202: 8 });
      expect(await mailsTo(email)).toHaveLength(3);
    });

    it('78: after twenty mails from one network address people can still sign up and request the link later', async () => {
      for (let i = 0; i < 20; i += 1) await register(address());
      const late = address();
      expect((await register(late)).status).toBe(202);
      expect(await mailsTo(late)).toEqual([]);
      clock.advance(HOUR + MINUTE);
      await post('verify-email/resend', { email: late });
      expect(await mailsTo(late)).toHaveLength(1);
    });
  });
});
