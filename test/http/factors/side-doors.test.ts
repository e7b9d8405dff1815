import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/outbox/outbox-worker.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { Credentials } from '../../../src/modules/users/credentials.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { linkIn } from '../../support/smtp.js';
import { Secured } from '../../support/totp.js';
import { claimsOf, login, ME, outcome, Phone } from '../auth/support.js';
import { actionsOf, answer, challengeFor, Mailed } from './support.js';

const NEXT = 'quiet river under seven stars';

describe.runIf(hasDatabase())('27: who has a second factor', () => {
  const clock = new TestClock();
  let service: Mailed;
  let ada: Secured;
  /** A session from before the second factor. */
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
  /** A reset of an account whose address nobody has shown to own takes all that was set up for it. */
  const verify = async (person: Api) => {
    const token = await tokenTo(person.account['email'] as string);
    expect((await post('verify-email', { token })).status).toBe(204);
  };
  const aalsOf = async () =>
    (
      await service.app.db.rows<{ aal: unknown }>(
        'SELECT aal FROM sessions WHERE user_id = ? AND revoked_at IS NULL',
        [ada.person.userId],
      )
    ).map(({ aal }) => Number(aal));

  it('11, 27: sets a new password by mail, gets no tokens, and is asked for a code still', async () => {
    const waiting = await challengeFor(service.app.api, ada.email);
    await post('forgot-password', { email: ada.email });
    const reset = await post('reset-password', { token: await tokenTo(ada.email), new_password: NEXT });
    expect([reset.status, reset.body]).toEqual([204, '']);
    expect(reset.headers.get('set-cookie')).toBeNull();
    expect(outcome(await ada.person.get(ME))).toBe('401 session-revoked');
    // The first proof of this one was the old password.
    expect(outcome(await answer(service.app.api, waiting, { code: ada.nextCode() }))).toBe(
      '401 challenge-expired',
    );
    const challenge = await challengeFor(service.app.api, ada.email, NEXT);
    expect(await aalsOf()).toEqual([]);
    expect((await answer(service.app.api, challenge, { code: ada.nextCode() })).status).toBe(200);
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: has no session from before: neither its access nor its refresh token works', async () => {
    expect(outcome(await old.use())).toBe('401 session-revoked');
    expect(outcome(await old.present())).toBe('401 session-revoked');
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: changes the address, and is asked for a code with the new one', async () => {
    const email = `${randomUUID()}@example.org`;
    expect((await ada.person.post('/api/users/me/email', { email })).status).toBe(202);
    const confirmed = await post('confirm-email', { token: await tokenTo(email) });
    expect([confirmed.status, confirmed.body]).toEqual([204, '']);
    expect((await login(service.app.api, email)).status).toBe(202);
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: changes or confirms the password in a session that stays what it is', async () => {
    const body = { current_password: PASSWORD, new_password: NEXT };
    expect((await ada.person.put(`${ME}/password`, body)).status).toBe(204);
    expect((await login(service.app.api, ada.email, NEXT)).status).toBe(202);
    const proved = await ada.person.post('/api/auth/reauth', { password: NEXT });
    expect(claimsOf(proved.body['access_token'])['aal']).toBe(2);
    expect(await aalsOf()).toEqual([2]);
  });

  it('27: of sign-ins that cross the confirmation, none is left without a code', async () => {
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

  it('18: an account that is taken over keeps no factor of whoever had it', async () => {
    await challengeFor(service.app.api, ada.email);
    const { app, db } = service.app;
    await app.get(UnitOfWork).run(() => app.get(Credentials).wipe(ada.person.userId, new Date(clock.now())));
    for (const table of ['totp_secrets', 'recovery_codes', 'sign_in_challenges', 'passkeys', 'sessions'])
      expect(await db.rows(`SELECT * FROM ${table} WHERE user_id = ?`, [ada.person.userId])).toEqual([]);
  });

  it('27: whose account is closed is not even asked for a code', async () => {
    const waiting = await challengeFor(service.app.api, ada.email);
    await change(service.app, 'UPDATE users SET disabled_at = created_at WHERE id = ?', [ada.person.userId]);
    expect(outcome(await login(service.app.api, ada.email))).toBe('403 account-disabled');
    const proof = { recovery_code: ada.recoveryCodes[0] };
    expect(outcome(await answer(service.app.api, waiting, proof))).toBe('403 account-disabled');
    await change(service.app, 'UPDATE users SET disabled_at = NULL WHERE id = ?', [ada.person.userId]);
    expect((await actionsOf(ada.person)).slice(0, 2)).toEqual(['session.refused', 'session.refused']);
  });
});
