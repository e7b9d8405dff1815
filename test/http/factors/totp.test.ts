import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BrokenSealError, SecretBox } from '../../../src/platform/secrets/secret-box.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Secured, STEP, totpAt } from '../../support/totp.js';
import { change } from '../../support/people.js';
import { claimsOf, login, ME, outcome, tally, times } from '../auth/support.js';
import { contents } from '../hardening/support.js';
import {
  actionsOf,
  answer,
  challengeFor,
  CONFIRM,
  dump,
  FACTORS,
  Mailed,
  RECOVERY_CODES,
  TOTP,
} from './support.js';

const WRONG = '401 invalid-code';

describe.runIf(hasDatabase())('an authenticator app', () => {
  const clock = new TestClock();
  let service: Mailed;
  let person: Api;
  beforeAll(async () => {
    service = await Mailed.start(clock);
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    person = await service.app.api.register({ locale: 'en' });
  });

  const secure = () => Secured.of(person, clock);
  const enrol = async (): Promise<string> => (await person.post(TOTP)).body['secret'];
  const now = (secret: string, steps = 0) => totpAt(secret, clock.now() + steps * STEP);
  const overview = async () => (await person.get(FACTORS)).body;

  describe('25: enrolment', () => {
    it('25: shows the seed once, as text and as a QR code', async () => {
      const { status, body } = await person.post(TOTP);
      expect([status, Object.keys(body)]).toEqual([201, ['secret', 'otpauth_uri']]);
      expect(body['secret']).toMatch(/^[A-Z2-7]{32}$/);
      const uri = new URL(body['otpauth_uri']);
      expect(decodeURIComponent(uri.pathname)).toBe(`/Hale:${person.account['email']}`);
      expect(Object.fromEntries(uri.searchParams)).toEqual({
        secret: body['secret'],
        issuer: 'Hale',
        algorithm: 'SHA1',
        digits: '6',
        period: '30',
      });
      expect(await dump(service.app.db)).not.toContain(body['secret']);
      const [row] = await service.app.db.rows<{ sealed: string }>(
        'SELECT sealed FROM totp_secrets WHERE user_id = ?',
        [person.userId],
      );
      // Encrypted for this row: it cannot be decrypted in another one.
      const box = service.app.app.get(SecretBox);
      expect(box.open('totp seed', row!.sealed, person.userId)).toBe(body['secret']);
      expect(() => box.open('totp seed', row!.sealed, 'another')).toThrow(BrokenSealError);
    });

    it('25: requires no code until it is confirmed, and a new enrolment replaces it', async () => {
      const first = await enrol();
      expect((await login(service.app.api, person.account['email'])).status).toBe(200);
      expect(await overview()).toEqual({ totp: false, recovery_codes_left: 0 });
      const second = await enrol();
      expect(outcome(await person.post(CONFIRM, { code: now(first) }))).toBe(WRONG);
      expect((await person.post(CONFIRM, { code: now(second) })).status).toBe(200);
      expect(await overview()).toMatchObject({ totp: true, recovery_codes_left: 10 });
    });

    it('25: only a right code confirms it, once', async () => {
      expect(outcome(await person.post(CONFIRM, { code: '123456' }))).toBe('409 totp-missing');
      const secret = await enrol();
      for (const steps of [-2, 2])
        expect(outcome(await person.post(CONFIRM, { code: now(secret, steps) }))).toBe(WRONG);
      const answers = await Promise.all(times(6, () => person.post(CONFIRM, { code: now(secret) })));
      expect(tally(answers)).toEqual({ 200: 1, '409 totp-missing': 5 });
      expect((await overview())['recovery_codes_left']).toBe(10);
    });

    it('25: the seed is not shown again, and another app needs the removal of the first', async () => {
      await secure();
      expect(outcome(await person.post(TOTP))).toBe('409 totp-enabled');
    });

    it('25: of two concurrent confirmations one succeeds', async () => {
      const answers = await Promise.all(times(6, () => person.post(TOTP)));
      expect(tally(answers)).toEqual({ 201: 6 });
      const codes = answers.map(({ body }) => now(body['secret']));
      const confirmed = [];
      for (const code of codes) confirmed.push(await person.post(CONFIRM, { code }));
      expect(tally(confirmed)[200]).toBe(1);
    });

    it('25, 40: ends every other session; this one now has two factors, and the owner is notified', async () => {
      const other = await person.login();
      const { refresh_token } = person.account;
      const ada = await secure();
      expect(outcome(await other.get(ME))).toBe('401 session-revoked');
      expect((await ada.person.get(ME)).status).toBe(200);
      expect(claimsOf(ada.person.headers['authorization']!)['aal']).toBe(2);
      const { body } = await service.app.api.post('/api/auth/refresh', { refresh_token });
      expect(claimsOf(body['access_token'])['aal']).toBe(2);
      expect(await service.subjectsTo(ada.email)).toContain('Sign-in was made safer');
      expect((await actionsOf(ada.person)).slice(0, 2)).toEqual(['factor.enabled', 'sessions.ended']);
    });
  });

  describe('24: codes', () => {
    let ada: Secured;
    beforeEach(async () => {
      ada = await secure();
    });
    const tryCode = async (code: string) =>
      outcome(await answer(service.app.api, await challengeFor(service.app.api, ada.email), { code }));

    it('24: work once, in sequence and concurrently', async () => {
      // The code that confirmed the enrolment is used up too.
      expect(await tryCode(ada.codeAt(0))).toBe(WRONG);
      const code = ada.nextCode();
      expect(await tryCode(code)).toBe('200');
      expect(await tryCode(code)).toBe(WRONG);
      const next = ada.nextCode();
      expect((await Promise.all(times(6, () => tryCode(next)))).toSorted()).toEqual([
        '200',
        ...times(5, () => WRONG),
      ]);
    });

    it('24: may be one step early or late by the clock of the service, and no more', async () => {
      clock.advance(10 * MINUTE);
      for (const steps of [-2, 2, -20, 20]) expect(await tryCode(ada.codeAt(steps))).toBe(WRONG);
      expect(await tryCode(ada.codeAt(-1))).toBe('200');
      clock.advance(MINUTE);
      expect(await tryCode(ada.codeAt(1))).toBe('200');
      // A code older than the newest accepted one does not work any more.
      expect(await tryCode(ada.codeAt(0))).toBe(WRONG);
    });

    it('24: are wrong if the seed cannot be decrypted any more; recovery codes still work', async () => {
      await change(service.app, 'UPDATE totp_secrets SET sealed = ? WHERE user_id = ?', [
        service.app.app.get(SecretBox).seal('another purpose', ada.secret, ada.person.userId),
        ada.person.userId,
      ]);
      expect(await tryCode(ada.nextCode())).toBe(WRONG);
      const challenge = await challengeFor(service.app.api, ada.email);
      const proof = { recovery_code: ada.recoveryCodes[0] };
      expect((await answer(service.app.api, challenge, proof)).status).toBe(200);
    });
  });

  describe('25: removal', () => {
    let ada: Secured;
    beforeEach(async () => {
      ada = await secure();
    });

    it.each(['code', 'recovery_code'])(
      '25: needs the password and a correct %s; the owner is notified and the audit log has an entry',
      async (kind) => {
        const right = () =>
          kind === 'code' ? { code: ada.nextCode() } : { recovery_code: ada.recoveryCodes[0] };
        const wrong = kind === 'code' ? { code: '000000' } : { recovery_code: '0000' };
        const { body } = await answer(service.app.api, await challengeFor(service.app.api, ada.email), {
          code: ada.nextCode(),
        });
        const other = service.app.api.bearer(body['access_token']);
        expect(outcome(await ada.person.delete(TOTP, wrong))).toBe(WRONG);
        expect((await ada.person.delete(TOTP, {})).status).toBe(422);
        clock.advance(11 * MINUTE);
        expect(outcome(await ada.person.delete(TOTP, right()))).toBe('403 step-up-required');
        const proved = await ada.person.post('/api/auth/reauth', {
          password: PASSWORD,
          code: ada.nextCode(),
        });
        expect(claimsOf(proved.body['access_token'])['aal']).toBe(2);
        const fresh = service.app.api.bearer(proved.body['access_token']);
        expect((await fresh.delete(TOTP, right())).status).toBe(204);
        expect(outcome(await other.get(ME))).toBe('401 session-revoked');
        expect(await overview()).toEqual({ totp: false, recovery_codes_left: 0 });
        expect((await login(service.app.api, ada.email)).status).toBe(200);
        expect(outcome(await fresh.delete(TOTP, right()))).toBe('409 totp-missing');
        expect(await service.subjectsTo(ada.email)).toContain('A step of your sign-in was removed');
        expect(await actionsOf(fresh)).toContain('factor.disabled');
      },
    );

    it('25: a waiting challenge cannot be answered any more', async () => {
      const challenge = await challengeFor(service.app.api, ada.email);
      expect((await ada.person.delete(TOTP, { code: ada.nextCode() })).status).toBe(204);
      expect(outcome(await answer(service.app.api, challenge, { code: ada.nextCode() }))).toBe(WRONG);
      expect(outcome(await answer(service.app.api, challenge, { recovery_code: ada.recoveryCodes[0] }))).toBe(
        WRONG,
      );
    });
  });

  it('25, 26: new recovery codes need the factor: the password alone is not enough', async () => {
    expect(outcome(await person.post(RECOVERY_CODES, { code: '123456' }))).toBe('409 totp-missing');
    const ada = await secure();
    expect(outcome(await ada.person.post(RECOVERY_CODES))).toBe('422 validation');
    expect(outcome(await ada.person.post(RECOVERY_CODES, { recovery_code: '0000' }))).toBe(WRONG);
    const code = ada.nextCode();
    const answers = await Promise.all(times(4, () => ada.person.post(RECOVERY_CODES, { code })));
    expect(tally(answers)).toEqual({ 201: 1, [WRONG]: 3 });
    const right = answers.find(({ status }) => status === 201)!;
    const proof = { recovery_code: right.body['recovery_codes'][0] };
    expect((await ada.person.post(RECOVERY_CODES, proof)).status).toBe(201);
    expect((await actionsOf(ada.person))[0]).toBe('recovery-codes.renewed');
  });

  it('28: every change of the sign-in methods needs a fresh proof', async () => {
    const ada = await secure();
    const passkey = { name: 'Phone', response: {} };
    const before = await contents(service.app.db);
    clock.advance(11 * MINUTE);
    const sent: [string, string, unknown?][] = [
      ['POST', TOTP],
      ['POST', CONFIRM, { code: '123456' }],
      ['DELETE', TOTP, { code: '123456' }],
      ['POST', RECOVERY_CODES],
      ['POST', '/api/auth/passkeys/options'],
      ['POST', '/api/auth/passkeys', passkey],
      ['DELETE', `/api/auth/passkeys/${ada.person.userId}`],
    ];
    for (const [method, path, body] of sent)
      expect([path, outcome(await ada.person.send(method, path, body))]).toEqual([
        path,
        '403 step-up-required',
      ]);
    expect(await contents(service.app.db)).toEqual(before);
    const { body } = await ada.person.post('/api/auth/reauth', { password: PASSWORD, code: ada.nextCode() });
    const proved = service.app.api.bearer(body['access_token']);
    expect((await proved.post(RECOVERY_CODES, { code: ada.nextCode() })).status).toBe(201);
  });

  it('94: is deleted with the account', async () => {
    const ada = await secure();
    await challengeFor(service.app.api, ada.email);
    expect((await ada.person.delete(ME, { password: PASSWORD })).status).toBe(204);
    for (const table of ['totp_secrets', 'recovery_codes', 'sign_in_challenges'])
      expect(
        await service.app.db.rows(`SELECT * FROM ${table} WHERE user_id = ?`, [ada.person.userId]),
      ).toEqual([]);
  });
});
