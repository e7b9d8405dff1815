import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionWatch } from '../../../src/modules/realtime/session-watch.js';
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

  it('90, F50: is told a minute before, once, and closed with 4401 at the end', async () => {
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

  it('90: with less than a minute left it is told at once, after the greeting', async () => {
    clock.advance(14 * MINUTE + 30 * SECOND);
    const device = await open();
    await device.message(({ t }) => t === 'auth_expiring');
    expect(device.messages.map(({ t }) => t)).toEqual(['hello', 'auth_expiring']);
    expect(device.messages[1]?.['in']).toBeLessThanOrEqual(30);
  });

  it('90, F50: a fresh token of the same person prolongs it, and greets anew', async () => {
    const device = await open();
    await device.hello();
    // Tokens are dated by the real clock; only the judge of them moves.
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

  it('90: a token that is not good changes nothing, as long as the old one is', async () => {
    const device = await open();
    await device.hello();
    device.say({ t: 'auth', token: 'x' });
    expect(await device.message(({ t }) => t === 'error')).toEqual({ t: 'error', code: 'unauthenticated' });
    await device.settle();
    clock.advance(15 * MINUTE);
    expect(await device.closed()).toBe(4401);
  });

  it("90: somebody else's token closes it", async () => {
    const device = await open();
    await device.hello();
    device.say({ t: 'auth', token: Phone.of(await app.api.register()).access });
    expect(await device.closed()).toBe(1008);
  });

  it('90: the end of the session itself closes it with 4403, whatever the token says', async () => {
    const device = await open();
    await device.hello();
    await app.db.writer.query('UPDATE sessions SET absolute_expires_at = ? WHERE user_id = ?', [
      new Date(Date.now() - YEAR).toISOString().replace('T', ' ').slice(0, -1),
      phone.person.userId,
    ]);
    expect(await device.closed()).toBe(4403);
  });
});

/** Everything that ends the session of the first phone, done on `api`. */
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

describe.runIf(hasDatabase())('90: what an instance ends itself', () => {
  let app: TestApp;
  beforeAll(async () => {
    // It never looks by itself.
    app = await TestApp.start({ override: policy({ sessionCheckMs: 1e9 }) });
  });
  afterAll(() => app.stop());

  it.each(Object.keys(endings))('90: %s: closed with 4403 at once', async (name) => {
    const person = await app.api.register();
    const phone = Phone.of(person);
    const device = await Device.connect(app.url, [PROTOCOL, `bearer.${phone.access}`]);
    await device.hello();
    expect(await endings[name]!(phone, person, app.api)).toBeLessThan(300);
    expect(await device.closed()).toBe(4403);
  });
});

describe.runIf(hasDatabase())('90, F51: a connection ends with its session', () => {
  let here: TestApp;
  let there: TestApp;
  beforeAll(async () => {
    // As in production: the promise is five seconds.
    [here, there] = await startTwo();
  });
  afterAll(async () => {
    await there.stop();
    await here.stop();
  });

  it.each(Object.keys(endings))(
    '41, 90, F51: %s: closed with 4403 in time, here and on another instance',
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

  it('90: a stolen refresh token ends the session, and the connection of the thief and of the owner', async () => {
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

  it('90: the other sessions of the person stay, and so do other people', async () => {
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

  it('F51: what another instance ended is known to a connection that begins now', async () => {
    const phone = await Phone.register(here.api);
    // This instance trusts what it has read for a while.
    expect((await here.api.bearer(phone.access).get(ME)).status).toBe(200);
    await there.api.post('/api/auth/logout', { refresh_token: phone.token });
    const device = await Device.connect(here.url, [PROTOCOL, `bearer.${phone.access}`]);
    expect(await device.closed()).toBe(4403);
    // Not welcomed first, and found out later.
    expect(device.messages).toEqual([{ t: 'error', code: 'session-revoked' }]);
  });
});
