import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { Credentials } from '../../../src/modules/identity/users/credentials.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { linkIn } from '../../support/smtp.js';
import { Secured } from '../../support/totp.js';
import { claimsOf, login, ME, outcome, Phone, tally, times } from '../auth/support.js';
import { actionsOf, answer, challengeFor, Mailed } from './support.js';

const NEXT = 'quiet river under seven stars';

describe.runIf(hasDatabase())('27: an account with a second factor', () => {
  const clock = new TestClock();
  let service: Mailed;
  let ada: Secured;
  /** A session from before the second factor was enabled. */
  let old: Phone;
  beforeAll(async () => {
    service = await Mailed.start(clock);
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    const person = await service.app.api.register();
    await verify(person);
    old = await Phone.login(person);
    ada = await Secured.of(person, clock);
  });

  const post = (path: string, body: unknown) => service.app.api.post(`/api/auth/${path}`, body);
  const tokenTo = async (email: string): Promise<string> => {
    await service.app.app.get(OutboxWorker).drain();
    return new URL(linkIn(service.sink.to(email).at(-1)!)).hash.replace('#token=', '');
  };
  /** A reset of an account with an unverified address removes everything that was set up for it. */
  const verify = async (person: Api) => {
    const token = await tokenTo(person.account['email'] as string);
    expect((await post('verify-email', { token, password: PASSWORD })).status).toBe(204);
  };
  const aalsOf = async () =>
    (
      await service.app.db.rows<{ aal: unknown }>(
        'SELECT aal FROM sessions WHERE user_id = ? AND revoked_at IS NULL',
        [ada.person.userId],
      )
    ).map(({ aal }) => Number(aal));

  it('11, 27: a password reset by mail returns no tokens, and sign-in still needs a code', async () => {
    const waiting = await challengeFor(service.app.api, ada.email);
    await post('forgot-password', { email: ada.email });
    const reset = await post('reset-password', { token: await tokenTo(ada.email), new_password: NEXT });
    expect([reset.status, reset.body]).toEqual([204, '']);
    expect(reset.headers.get('set-cookie')).toBeNull();
    expect(outcome(await ada.person.get(ME))).toBe('401 session-revoked');
    // The first proof of this challenge was the old password.
    expect(outcome(await answer(service.app.api, waiting, { code: ada.nextCode() }))).toBe(
      '401 challenge-expired',
    );
    const challenge = await challengeFor(service.app.api, ada.email, NEXT);
    expect(await aalsOf()).toEqual([]);
    expect((await answer(service.app.api, challenge, { code: ada.nextCode() })).status).toBe(200);
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: has no earlier session: neither access nor refresh tokens of one work', async () => {
    expect(outcome(await old.use())).toBe('401 session-revoked');
    expect(outcome(await old.present())).toBe('401 session-revoked');
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: after a change of address sign-in still needs a code', async () => {
    const email = `${randomUUID()}@example.org`;
    expect((await ada.person.post('/api/users/me/email', { email })).status).toBe(202);
    const confirmed = await post('confirm-email', { token: await tokenTo(email), password: PASSWORD });
    expect([confirmed.status, confirmed.body]).toEqual([204, '']);
    expect((await login(service.app.api, email)).status).toBe(202);
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: changing or confirming the password does not raise the level of the session', async () => {
    const body = { current_password: PASSWORD, new_password: NEXT };
    expect((await ada.person.put(`${ME}/password`, body)).status).toBe(204);
    expect((await login(service.app.api, ada.email, NEXT)).status).toBe(202);
    const proved = await ada.person.post('/api/auth/reauth', { password: NEXT, code: ada.nextCode() });
    expect(claimsOf(proved.body['access_token'])['aal']).toBe(2);
    expect(await aalsOf()).toEqual([2]);
  });

  it('28: confirming the password also needs the second factor', async () => {
    const reauth = (body: object) => ada.person.post('/api/auth/reauth', { password: PASSWORD, ...body });
    const without = await reauth({});
    expect([outcome(without), without.body['errors'][0].field]).toEqual(['422 validation', 'code']);
    expect(outcome(await reauth({ code: '000000' }))).toBe('401 invalid-code');
    expect(outcome(await reauth({ password: 'wrong', code: ada.nextCode() }))).toBe('403 password-incorrect');
    clock.advance(11 * MINUTE);
    const change = { email: `${randomUUID()}@example.org` };
    expect(outcome(await ada.person.post(`${ME}/email`, change))).toBe('403 step-up-required');
    const code = ada.nextCode();
    const answers = await Promise.all(times(6, () => reauth({ code })));
    expect(tally(answers)).toEqual({ 200: 1, '401 invalid-code': 5 });
    const proved = answers.find(({ status }) => status === 200)!;
    const person = service.app.api.bearer(proved.body['access_token']);
    expect((await person.post(`${ME}/email`, change)).status).toBe(202);
    expect(outcome(await reauth({ recovery_code: ada.recoveryCodes[0] }))).toBe('200');
    const plain = await service.app.api.register();
    expect(outcome(await plain.post('/api/auth/reauth', { password: PASSWORD, code }))).toBe('200');
  });

  it('42, 50: an admin who removes the second factor loses the access that it gave, at once', async () => {
    const admin = `/api/admin/users/${ada.person.userId}?reason=support`;
    await change(service.app, "UPDATE users SET role = 'admin' WHERE id = ?", [ada.person.userId]);
    expect((await ada.person.get(admin)).status).toBe(200);
    expect((await ada.person.delete('/api/auth/totp', { code: ada.nextCode() })).status).toBe(204);
    expect(outcome(await ada.person.get(admin))).toBe('403 second-factor-required');
    const { refresh_token } = ada.person.account;
    const renewed = await post('refresh', { refresh_token });
    expect(claimsOf(renewed.body['access_token'])['aal']).toBe(1);
    expect(outcome(await service.app.api.bearer(renewed.body['access_token']).get(admin))).toBe(
      '403 second-factor-required',
    );
    expect(await aalsOf()).toEqual([1]);
    expect((await ada.person.get(ME)).status).toBe(200);
  });

  it('27: of sign-ins during the confirmation none stays open without a code', async () => {
    const person = await service.app.api.register();
    const [secured, ...logins] = await Promise.all([
      Secured.of(person, clock),
      ...Array.from({ length: 12 }, () => login(service.app.api, person.account['email'])),
    ]);
    ada = secured;
    for (const { status, body } of logins)
      if (status === 200)
        expect(outcome(await service.app.api.bearer(body['access_token']).get(ME))).toBe(
          '401 session-revoked',
        );
      else expect(status).toBe(202);
    expect(await aalsOf()).toEqual([2]);
  });

  it('18: an account that is taken over keeps no factor of its creator', async () => {
    await challengeFor(service.app.api, ada.email);
    const { app, db } = service.app;
    await app
      .get(UnitOfWork)
      .run(() => app.get(Credentials).deleteAll(ada.person.userId, new Date(clock.now())));
    for (const table of ['totp_secrets', 'recovery_codes', 'sign_in_challenges', 'passkeys', 'sessions'])
      expect(await db.rows(`SELECT * FROM ${table} WHERE user_id = ?`, [ada.person.userId])).toEqual([]);
  });

  it('27: a closed account gets no challenge', async () => {
    const waiting = await challengeFor(service.app.api, ada.email);
    await change(service.app, 'UPDATE users SET disabled_at = created_at WHERE id = ?', [ada.person.userId]);
    expect(outcome(await login(service.app.api, ada.email))).toBe('403 account-disabled');
    const proof = { recovery_code: ada.recoveryCodes[0] };
    expect(outcome(await answer(service.app.api, waiting, proof))).toBe('403 account-disabled');
    await change(service.app, 'UPDATE users SET disabled_at = NULL WHERE id = ?', [ada.person.userId]);
    const refused = (await actionsOf(ada.person)).filter((action) => action === 'session.refused');
    expect(refused).toHaveLength(1);
    const [row] = await service.app.db.rows(
      "SELECT times FROM audit_refusals WHERE action = 'session.refused' AND subject = (SELECT pseudonym FROM users WHERE id = ?)",
      [ada.person.userId],
    );
    expect(Number(row?.['times'])).toBe(1);
  });
});
