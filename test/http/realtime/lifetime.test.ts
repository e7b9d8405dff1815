import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccountRules } from '../../../src/kernel/access/account-rules.js';
import { SessionWatch } from '../../../src/kernel/sockets/session-watch.js';
import { SocketRegistry } from '../../../src/kernel/sockets/socket-registry.js';
import { Counters } from '../../../src/kernel/throttle/counters.js';
import { SessionsRepository } from '../../../src/modules/identity/sessions/sessions.repository.js';
import { ChangeSequence } from '../../../src/records/write/change-sequence.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, SECOND, TestClock, YEAR } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { all, ME, Phone, SESSIONS, startTwo } from '../auth/support.js';
import { Device, HASTY, policy, PROTOCOL, write } from './support.js';

const PROMISE_MS = 5_000;

describe.runIf(hasDatabase())('90: a connection ends with its token', () => {
  let clock: TestClock;
  let app: TestApp;
  let phone: Phone & { person: Api };
  beforeEach(async () => {
    clock = new TestClock();
    app = await TestApp.start({ override: all(policy(HASTY), clock.install) });
    phone = await Phone.register(app.api);
  });
  afterEach(() => app.stop());

  const open = (): Promise<Device> => Device.connect(app.url, [PROTOCOL, `bearer.${phone.access}`]);

  it('90, F50: is announced a minute before, once, and closed with 4401 at the end', async () => {
    const device = await open();
    await device.hello();
    clock.advance(13 * MINUTE);
    await device.settle();
    expect(device.messages.filter(({ t }) => t === 'auth_expiring')).toEqual([]);
    clock.advance(MINUTE + SECOND);
    const { in: left } = await device.message(({ t }) => t === 'auth_expiring');
    expect(left).toBeGreaterThanOrEqual(57);
    expect(left).toBeLessThanOrEqual(60);
    const beats = vi.spyOn(app.app.get(SessionWatch), 'tick');
    await vi.waitFor(() => expect(beats.mock.calls.length).toBeGreaterThan(3));
    clock.advance(MINUTE);
    expect(await device.closed()).toBe(4401);
    expect(device.messages.filter(({ t }) => t === 'auth_expiring')).toHaveLength(1);
  });

  it('90: with less than a minute left it is announced at once, after the greeting', async () => {
    clock.advance(14 * MINUTE + 30 * SECOND);
    const device = await open();
    await device.message(({ t }) => t === 'auth_expiring');
    expect(device.messages.map(({ t }) => t)).toEqual(['hello', 'auth_expiring']);
    expect(device.messages[1]?.['in']).toBeLessThanOrEqual(30);
  });

  it('90, F50: a fresh token of the same person extends it, with a new greeting', async () => {
    const device = await open();
    await device.hello();
    // Tokens are dated by the real clock; the test moves only the clock that checks them.
    clock.advance(14 * MINUTE + 30 * SECOND);
    await device.message(({ t }) => t === 'auth_expiring');
    clock.advance(-14 * MINUTE);
    await phone.rotate();
    await write(phone.person);
    const before = device.messages.length;
    device.say({ t: 'auth', token: phone.access });
    expect(await device.hello(before)).toMatchObject({ head: '1' });
    await device.settle();
    expect(device.code).toBeUndefined();
    clock.advance(15 * MINUTE);
    expect(await device.closed()).toBe(4401);
  });

  it('90: an invalid token changes nothing while the old one is valid', async () => {
    const device = await open();
    await device.hello();
    device.say({ t: 'auth', token: 'x' });
    expect(await device.message(({ t }) => t === 'error')).toEqual({ t: 'error', code: 'unauthenticated' });
    await device.settle();
    clock.advance(15 * MINUTE);
    expect(await device.closed()).toBe(4401);
  });

  it('90: a token of another person closes it', async () => {
    const device = await open();
    await device.hello();
    device.say({ t: 'auth', token: Phone.of(await app.api.register()).access });
    expect(await device.closed()).toBe(1008);
  });

  it('90: the end of the session closes it with 4403, whatever the token contains', async () => {
    const device = await open();
    await device.hello();
    await app.db.writer.query('UPDATE sessions SET absolute_expires_at = ? WHERE user_id = ?', [
      new Date(Date.now() - YEAR).toISOString().replace('T', ' ').slice(0, -1),
      phone.person.userId,
    ]);
    expect(await device.closed()).toBe(4403);
  });
});

/** All ways to end the session of the first phone, done with `api`. */
const endings: Readonly<Record<string, (phone: Phone, person: Api, api: Api) => Promise<number>>> = {
  logout: async (phone, _person, api) =>
    (await api.post('/api/auth/logout', { refresh_token: phone.token })).status,
  revoked: async (phone, person, api) => {
    const other = await Phone.login(person);
    const { body } = await api.bearer(phone.access).get(SESSIONS);
    const { id } = body['data'].find(({ current }: { current: boolean }) => current);
    return (await api.bearer(other.access).delete(`${SESSIONS}/${id}`)).status;
  },
  'password changed': async (_phone, person, api) => {
    const other = await Phone.login(person);
    const change = { current_password: PASSWORD, new_password: `${PASSWORD} anew` };
    return (await api.bearer(other.access).put('/api/users/me/password', change)).status;
  },
  'account deleted': async (phone, _person, api) =>
    (await api.bearer(phone.access).delete(ME, { password: PASSWORD })).status,
};

describe.runIf(hasDatabase())('90: sessions that this instance ends', () => {
  let app: TestApp;
  beforeAll(async () => {
    // The interval never elapses in this test.
    app = await TestApp.start({ override: policy({ sessionCheckMs: 1e9 }) });
  });
  afterAll(() => app.stop());

  it.each(Object.keys(endings))('90: %s: the connection is closed with 4403 immediately', async (name) => {
    const person = await app.api.register();
    const phone = Phone.of(person);
    const device = await Device.connect(app.url, [PROTOCOL, `bearer.${phone.access}`]);
    await device.hello();
    expect(await endings[name]!(phone, person, app.api)).toBeLessThan(300);
    expect(await device.closed()).toBe(4403);
  });
});

describe.runIf(hasDatabase())('90: a session that is ended while a socket signs in', () => {
  let app: TestApp;
  beforeAll(async () => {
    // The interval never elapses, so the regular check cannot close a socket that was missed here.
    app = await TestApp.start({ override: policy({ sessionCheckMs: 1e9 }) });
  });
  afterAll(() => app.stop());
  afterEach(() => vi.restoreAllMocks());

  /** The steps of a sign-in, in this order. Each does its work, then calls `meanwhile`, and then returns. */
  const moments: Readonly<Record<string, (meanwhile: () => Promise<unknown>) => void>> = {
    'before its session is checked': (meanwhile) => after(app.app.get(Counters), 'hit', meanwhile),
    'after its session was read': (meanwhile) => after(app.app.get(SessionsRepository), 'find', meanwhile),
    'while its account is checked': (meanwhile) =>
      after(app.app.get(AccountRules), 'requireVerified', meanwhile),
    'while it is greeted': (meanwhile) => after(app.app.get(ChangeSequence), 'head', meanwhile),
  };

  it.each(Object.keys(moments).flatMap((moment) => Object.keys(endings).map((name) => [moment, name])))(
    '90: %s: %s: the socket is closed',
    async (moment, name) => {
      const person = await app.api.register();
      const phone = Phone.of(person);
      const end = vi.fn<() => Promise<number>>(() => endings[name]!(phone, person, app.api));
      moments[moment]!(end);
      const device = await Device.connect(app.url);
      device.say({ t: 'auth', token: phone.access });
      expect(await device.closed()).toBe(4403);
      expect(end).toHaveBeenCalledTimes(1);
      expect(await end.mock.results[0]!.value).toBeLessThan(300);
      await vi.waitFor(() => expect(app.app.get(SocketRegistry).of(person.userId).size).toBe(0));
    },
  );

  it.each(Object.keys(moments).slice(1))(
    '90: %s: a socket that signs in again is closed, too',
    async (moment) => {
      const person = await app.api.register();
      const [first, second] = [Phone.of(person), await Phone.login(person)];
      const device = await Device.connect(app.url, [PROTOCOL, `bearer.${first.access}`]);
      await device.hello();
      moments[moment]!(() => second.logout());
      device.say({ t: 'auth', token: second.access });
      expect(await device.closed()).toBe(4403);
    },
  );
});

/** Does something else once, between what a method does and its answer. */
function after<Target extends object, Name extends keyof Target & string>(
  target: Target,
  name: Name,
  meanwhile: () => Promise<unknown>,
): void {
  const work = (target[name] as (...args: unknown[]) => Promise<unknown>).bind(target);
  vi.spyOn(target as Record<string, any>, name).mockImplementationOnce(async (...args: unknown[]) => {
    const result = await work(...args);
    await meanwhile();
    return result;
  });
}

describe.runIf(hasDatabase())('90, F51: a connection ends with its session', () => {
  let here: TestApp;
  let there: TestApp;
  beforeAll(async () => {
    // As in production, where the limit is five seconds.
    [here, there] = await startTwo();
  });
  afterAll(async () => {
    await there.stop();
    await here.stop();
  });

  it.each(Object.keys(endings))(
    '41, 90, F51: %s: the connection is closed with 4403 in time, here and on another instance',
    async (name) => {
      const person = await here.api.register();
      const phone = Phone.of(person);
      const [near, far] = [
        await Device.connect(here.url, [PROTOCOL, `bearer.${phone.access}`]),
        await Device.connect(there.url, [PROTOCOL, `bearer.${phone.access}`]),
      ];
      await Promise.all([near.hello(), far.hello()]);
      const begin = performance.now();
      expect(await endings[name]!(phone, person, here.api)).toBeLessThan(300);
      expect(await Promise.all([near.closed(), far.closed()])).toEqual([4403, 4403]);
      expect(performance.now() - begin).toBeLessThan(PROMISE_MS);
    },
  );

  it('90: a stolen refresh token ends the session, and the connections of thief and owner', async () => {
    const phone = await Phone.register(here.api);
    const thief = phone.copy();
    await phone.rotate();
    await phone.rotate();
    await phone.use();
    const device = await Device.connect(here.url, [PROTOCOL, `bearer.${phone.access}`]);
    await device.hello();
    expect((await thief.present()).status).toBe(401);
    expect(await device.closed()).toBe(4403);
  });

  it('90: other sessions of the person and other people stay connected', async () => {
    const person = await here.api.register();
    const [first, second] = [Phone.of(person), await Phone.login(person)];
    const eve = await Device.join(await here.api.register());
    const going = await Device.connect(here.url, [PROTOCOL, `bearer.${first.access}`]);
    const staying = await Device.connect(here.url, [PROTOCOL, `bearer.${second.access}`]);
    await Promise.all([going.hello(), staying.hello()]);
    await first.logout();
    expect(await going.closed()).toBe(4403);
    await Promise.all([staying.settle(), eve.settle()]);
    await Promise.all([staying.leave(), eve.leave()]);
  });

  it('F51: a new connection of a session that another instance ended is refused', async () => {
    const phone = await Phone.register(here.api);
    // This instance trusts what it has read for some seconds.
    expect((await here.api.bearer(phone.access).get(ME)).status).toBe(200);
    await there.api.post('/api/auth/logout', { refresh_token: phone.token });
    const device = await Device.connect(here.url, [PROTOCOL, `bearer.${phone.access}`]);
    expect(await device.closed()).toBe(4403);
    // It must not be greeted first and closed later.
    expect(device.messages).toEqual([{ t: 'error', code: 'session-revoked' }]);
  });
});
