import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Api, PASSWORD } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { Authenticator } from '../../support/authenticator.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import {
  claimsOf,
  epoch,
  forge,
  login,
  LOGOUT,
  ME,
  outcome,
  Phone,
  sessionOf,
  SESSIONS,
  startTwo,
  tally,
  times,
  TRUST,
} from './support.js';

const SITE = 'https://hale.test';
const KEYS = '/api/api-keys';
const GRANTS = '/api/users/me/grants';
const PASSKEYS = '/api/auth/passkeys';
const REVOKED = '401 session-revoked';
const NEXT = 'another good passphrase';
const MAX_SESSIONS = 50;

describe.runIf(hasDatabase())('sessions', () => {
  let app: TestApp;
  let second: TestApp;
  const clock = new TestClock();
  let person: Api;
  let phone: Phone;
  beforeAll(async () => {
    [app, second] = await startTwo({ env: { PUBLIC_URL: SITE }, override: clock.install });
  });
  afterAll(async () => {
    await second.stop();
    await app.stop();
  });
  beforeEach(async () => {
    const registered = await Phone.register(app.api);
    [phone, person] = [registered, registered.person];
  });

  const use = async (device: Phone): Promise<string> => outcome(await device.use());
  const rowsOf = async (api: Api): Promise<number> =>
    Number(
      (
        await app.db.rows<{ n: number }>('SELECT COUNT(*) AS n FROM sessions WHERE user_id = ?', [api.userId])
      )[0]!.n,
    );

  async function expectOver(device: Phone): Promise<void> {
    expect(await use(device)).toBe(REVOKED);
    expect(outcome(await device.present())).toBe(REVOKED);
  }

  async function expectAlive(device: Phone): Promise<void> {
    expect(await use(device)).toBe('200');
    expect(outcome(await device.rotate())).toBe('200');
    expect(await use(device)).toBe('200');
  }

  it('34 concurrency: 20 concurrent requests over two instances get one successor', async () => {
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(
        times(20, (i) => new Phone([app, second][i % 2]!.api, '', phone.token).present()),
      );
      expect(tally(answers)).toEqual({ 200: 20 });
      expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1);
      phone.token = answers[0]!.body['refresh_token'];
      clock.advance(MINUTE);
    }
    expect(outcome(await phone.rotate())).toBe('200');
  });

  it('39 logout: both tokens are refused at once, and logout may be repeated', async () => {
    const other = await Phone.login(person);
    expect(await use(phone)).toBe('200');
    const answer = await phone.logout();
    expect([answer.status, answer.body]).toEqual([204, '']);
    await expectOver(phone);
    expect(outcome(await phone.logout())).toBe('204');
    await expectAlive(other);
  });

  it('39 logout: works with an expired access token, and without one', async () => {
    const expired = forge({ ...claimsOf(phone.access), exp: epoch() - 1 });
    expect(outcome(await app.api.bearer(expired).get(ME))).toBe('401 token-expired');
    expect(outcome(await app.api.bearer(expired).post(LOGOUT, { refresh_token: phone.token }))).toBe('204');
    await expectOver(phone);
  });

  it('39 logout: works with a refresh token whose successor was lost', async () => {
    const successor = await phone.present();
    expect(outcome(await phone.logout())).toBe('204');
    await expectOver(phone);
    expect(outcome(await phone.present(successor.body['refresh_token']))).toBe(REVOKED);
    expect(outcome(await app.api.bearer(successor.body['access_token']).get(ME))).toBe(REVOKED);
  });

  it('39 logout: another instance follows within 5 seconds', async () => {
    const there = new Phone(second.api, phone.access, phone.token);
    expect(await use(there), 'the other instance knows the session').toBe('200');
    await phone.logout();
    expect(outcome(await there.present()), 'no refresh, at once').toBe(REVOKED);
    clock.advance(TRUST);
    await expectOver(there);
  });

  it('40 credential change: every other device is signed out at once, this one stays signed in', async () => {
    const others = await Promise.all(times(3, () => Phone.login(person)));
    for (const device of [phone, ...others]) expect(await use(device)).toBe('200');
    const answer = await person.put(`${ME}/password`, { current_password: PASSWORD, new_password: NEXT });
    expect([answer.status, answer.body]).toEqual([204, '']);
    for (const device of others) await expectOver(device);
    await expectAlive(phone);
    expect(outcome(await login(app.api, person.account['email']))).toBe('401 invalid-credentials');
    expect(outcome(await login(app.api, person.account['email'], NEXT))).toBe('200');
    expect((await person.get(SESSIONS)).body['data']).toHaveLength(2);
  });

  it('40 credential change: another instance follows within 5 seconds', async () => {
    const device = await Phone.login(person);
    const there = new Phone(second.api, device.access, device.token);
    expect(await use(there)).toBe('200');
    await person.put(`${ME}/password`, { current_password: PASSWORD, new_password: NEXT });
    clock.advance(TRUST);
    await expectOver(there);
  });

  it('40 credential change: a wrong current password changes nothing', async () => {
    const other = await Phone.login(person);
    const answer = await person.put(`${ME}/password`, {
      current_password: 'not the password',
      new_password: NEXT,
    });
    expect(outcome(answer)).toBe('403 password-incorrect');
    await expectAlive(other);
    expect(outcome(await login(app.api, person.account['email']))).toBe('200');
    expect(outcome(await login(app.api, person.account['email'], NEXT))).toBe('401 invalid-credentials');
  });

  it('40 credential change: other people are not affected', async () => {
    const stranger = await Phone.register(app.api);
    await person.put(`${ME}/password`, { current_password: PASSWORD, new_password: NEXT });
    await expectAlive(stranger);
  });

  it('41 device list: lists the devices, the most recently used first', async () => {
    clock.advance(MINUTE);
    const device = { device_id: 'tablet-1', device_name: 'Ada’s tablet', platform: 'android-16' };
    const tablet = await Phone.login(person, device);
    clock.advance(MINUTE);
    await phone.rotate();
    const { status, body } = await app.api.bearer(tablet.access).get(SESSIONS);
    expect(status).toBe(200);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const ip = '127.0.0.1';
    expect(body['data']).toEqual([
      {
        id: sessionOf(phone.token),
        device_id: null,
        device_name: null,
        platform: null,
        ip,
        created_at: at,
        last_used_at: at,
        current: false,
      },
      { id: sessionOf(tablet.token), ...device, ip, created_at: at, last_used_at: at, current: true },
    ]);
    const [first, last] = body['data'];
    expect(first.last_used_at > last.last_used_at && first.created_at < last.created_at).toBe(true);
  });

  it('41 device list: contains no sessions of others and no ended ones', async () => {
    const [loggedOut, stays] = [await Phone.login(person), await Phone.login(person)];
    await loggedOut.logout();
    const ids = (await person.get(SESSIONS)).body['data'].map(({ id }: { id: string }) => id).toSorted();
    expect(ids).toEqual([sessionOf(phone.token), sessionOf(stays.token)].toSorted());
  });

  it('41 device list: a person can sign out another of their devices, at once', async () => {
    const lost = await Phone.login(person);
    expect(await use(lost)).toBe('200');
    const answer = await person.delete(`${SESSIONS}/${sessionOf(lost.token)}`);
    expect([answer.status, answer.body]).toEqual([204, '']);
    await expectOver(lost);
    await expectAlive(phone);
    expect((await app.api.bearer(phone.access).get(SESSIONS)).body['data']).toHaveLength(1);
  });

  it('41 device list: another instance follows within 5 seconds', async () => {
    const lost = await Phone.login(person);
    const there = new Phone(second.api, lost.access, lost.token);
    expect(await use(there)).toBe('200');
    await person.delete(`${SESSIONS}/${sessionOf(lost.token)}`);
    clock.advance(TRUST);
    await expectOver(there);
  });

  it('41 device list: on another instance an ended session leaves nothing that outlasts it', async () => {
    const lost = await Phone.login(person);
    const there = new Phone(second.api, lost.access, lost.token);
    const stolen = second.api.bearer(lost.access);
    const options = (await stolen.post(`${PASSKEYS}/options`)).body['options'];
    const response = new Authenticator(SITE).create(options);
    expect(await use(there), 'the other instance knows the session').toBe('200');
    await person.delete(`${SESSIONS}/${sessionOf(lost.token)}`);
    const email = `${randomUUID()}@example.org`;
    const attempts = [
      stolen.post(KEYS, { name: 'A program', scopes: ['metrics:read'] }),
      stolen.post(GRANTS, { email, scopes: ['metrics:read'] }),
      stolen.post(PASSKEYS, { name: 'A phone', response }),
      stolen.delete(ME),
    ];
    expect(tally(await Promise.all(attempts))).toEqual({ [REVOKED]: attempts.length });
    for (const path of [KEYS, GRANTS, PASSKEYS]) expect((await person.get(path)).body['data']).toEqual([]);
    await expectAlive(phone);
  });

  it('41 device list: a person can end the current session', async () => {
    expect(outcome(await person.delete(`${SESSIONS}/${sessionOf(phone.token).toUpperCase()}`))).toBe('204');
    await expectOver(phone);
  });

  it('41 device list: the session of another person is not found, and stays open', async () => {
    const stranger = await Phone.register(app.api);
    expect(outcome(await person.delete(`${SESSIONS}/${sessionOf(stranger.token)}`))).toBe('404 not-found');
    expect(outcome(await person.delete(`${SESSIONS}/${randomUUID()}`))).toBe('404 not-found');
    await expectAlive(stranger);
    for (const id of ['undefined', 'null', '0', '-1', '%00', "'%20OR%201=1", 'me'])
      expect((await person.delete(`${SESSIONS}/${id}`)).status, id).toBe(422);
    await expectAlive(phone);
  });

  it('43 session cap: the 51st sign-in ends the least recently used session', async () => {
    clock.advance(MINUTE);
    const second = await Phone.login(person);
    const phones: Phone[] = [];
    for (let i = 2; i < MAX_SESSIONS; i++) {
      clock.advance(1_000);
      phones.push(await Phone.login(person));
    }
    expect(await rowsOf(person)).toBe(MAX_SESSIONS);
    await phone.rotate();
    expect(await use(phone), 'the first to come, but just used').toBe('200');
    expect(await use(second)).toBe('200');
    const newest = await Phone.login(person);
    expect(await rowsOf(person)).toBe(MAX_SESSIONS);
    const log = (await app.api.bearer(phone.access).get('/api/users/me/access-log')).body['data'];
    expect(log[0]).toMatchObject({ action: 'session.ended', target: claimsOf(second.access)['sid'] });
    await expectOver(second);
    for (const device of [phone, newest, ...phones]) expect(await use(device)).toBe('200');
    const list = (await app.api.bearer(phone.access).get(SESSIONS)).body['data'];
    expect(list).toHaveLength(MAX_SESSIONS);
  });

  it('43 session cap: ended sessions are removed before open ones, and leave no rows', async () => {
    clock.advance(MINUTE);
    for (let i = 0; i < MAX_SESSIONS + 5; i++) {
      clock.advance(1_000);
      await (await Phone.login(person)).logout();
    }
    expect(await rowsOf(person)).toBeLessThanOrEqual(MAX_SESSIONS);
    await expectAlive(phone);
  });

  it('43 session cap: also holds for concurrent sign-ins', async () => {
    for (let wave = 0; wave < 4; wave++) {
      const answers = await Promise.all(
        times(20, (i) => login([app, second][i % 2]!.api, person.account['email'])),
      );
      expect(tally(answers)).toEqual({ 200: 20 });
    }
    expect(await rowsOf(person)).toBeLessThanOrEqual(MAX_SESSIONS);
  });
});
