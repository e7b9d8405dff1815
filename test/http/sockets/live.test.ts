import { readdirSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SocketRegistry } from '../../../src/kernel/sockets/socket-registry.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { all, Phone, times } from '../auth/support.js';
import { address, Device, HASTY, policy, PROTOCOL, statusOf, tokenOf } from '../realtime/support.js';
import { LiveModule } from './live/live.module.js';
import { MatchRooms } from './live/match-rooms.js';
import { adding, connect, join, MATCHES } from './support.js';

const PAGE = readFileSync('docs/new-socket.md', 'utf8');
const FOLDER = 'test/http/sockets/live';

it('the guide shows the gateway of this test', () => {
  for (const file of readdirSync(FOLDER)) {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8').replaceAll('../../../../src/', '../../../');
    expect(PAGE).toContain(`\`src/modules/matches/live/${file}\`:\n\n\`\`\`ts\n${text}\`\`\`\n`);
  }
});

describe.runIf(hasDatabase())('a gateway of a product module', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  beforeAll(async () => {
    app = await TestApp.start({
      override: all(adding(LiveModule), policy({ ...HASTY, signInMs: 200, connectsPerMinute: 300 })),
    });
    [ada, eve] = [await app.api.register(), await app.api.register()];
  });
  afterAll(() => app.stop());

  it('answers messages, and passes on what people say in a match to those who watch it', async () => {
    const [hers, others, elsewhere] = [await join(ada), await join(eve), await join(eve)];
    expect(hers.socket.protocol).toBe(MATCHES.protocol);
    const matchId = randomUUID();
    for (const device of [hers, others]) {
      device.say({ t: 'watch', match_id: matchId });
      expect(await device.message(({ t }) => t === 'watching')).toEqual({ t: 'watching', match_id: matchId });
    }
    hers.say({ t: 'score', match_id: matchId, home_score: 2 });
    const score = { t: 'score', match_id: matchId, home_score: 2, by: ada.userId };
    for (const device of [hers, others])
      expect(await device.message(({ t }) => t === 'score')).toEqual(score);
    expect(elsewhere.messages).toEqual([{ t: 'hello' }]);
    const rooms = app.app.get(MatchRooms);
    expect(rooms.size).toBe(1);
    await Promise.all([hers, others, elsewhere].map((device) => device.leave()));
    await vi.waitFor(() => expect(rooms.size).toBe(0));
  });

  it.each([
    ['a field that is missing', {}, [{ field: 'match_id', code: 'required' }]],
    ['a field that is wrong', { match_id: 'x' }, [{ field: 'match_id', code: 'invalid' }]],
    ['a field nobody declared', { match_id: randomUUID(), x: 1 }, [{ field: 'x', code: 'unknown-field' }]],
  ])('names %s', async (_, body, errors) => {
    const device = await join(ada);
    // As often as one likes: the person may have mistyped.
    for (const from of [1, 2, 3, 4]) {
      device.say({ t: 'watch', ...body });
      const answer = await device.message(({ t }) => t === 'error', from);
      expect(answer).toMatchObject({ t: 'error', code: 'validation', to: 'watch', errors });
    }
    await device.leave();
  });

  it.each(['ping', 'constructor', '__proto__', 'handleSignIn', 'watch '])(
    'refuses the unknown message "%s"; the third one closes the connection',
    async (t) => {
      const device = await join(ada);
      for (const _ of [1, 2, 3]) device.say({ t });
      expect(await device.closed()).toBe(1008);
      expect(device.messages).toEqual([
        { t: 'hello' },
        ...times(3, () => ({ t: 'error', code: 'unknown-message' })),
      ]);
    },
  );

  it('answers in the order of the messages', async () => {
    const device = await join(ada);
    const ids = times(10, () => randomUUID());
    for (const id of ids) device.say({ t: 'watch', match_id: id });
    await device.message((message) => message['match_id'] === ids.at(-1));
    expect(device.messages.slice(1).map((message) => message['match_id'])).toEqual(ids);
    await device.leave();
  });

  it('hears nothing of a client that has not signed in', async () => {
    const device = await connect(app.url);
    const rooms = app.app.get(MatchRooms);
    const joined = vi.spyOn(rooms, 'join');
    device.say({ t: 'watch', match_id: randomUUID() });
    expect(await device.message(({ t }) => t === 'error')).toEqual({ t: 'error', code: 'unauthenticated' });
    expect(await device.closed()).toBe(4401);
    expect(device.messages).toHaveLength(1);
    expect(joined).not.toHaveBeenCalled();
    joined.mockRestore();
  });

  it('greets again when a fresh token is shown, and takes nobody else in', async () => {
    const phone = await Phone.register(app.api);
    const device = await Device.connect(
      app.url,
      [MATCHES.protocol, `bearer.${phone.access}`],
      {},
      MATCHES.path,
    );
    await device.hello();
    await phone.rotate();
    device.say({ t: 'auth', token: phone.access });
    await device.hello(1);
    device.say({ t: 'auth', token: tokenOf(eve) });
    expect(await device.closed()).toBe(1008);
  });

  it('has a handshake of its own: path, subprotocol, no token in the address', async () => {
    const status = (path: string, ...protocols: string[]) => statusOf(address(app.url, path), protocols);
    expect(await status(MATCHES.path, MATCHES.protocol)).toBe(101);
    expect(await status(MATCHES.path, PROTOCOL)).toBe(400);
    expect(await status('/ws/sync', MATCHES.protocol)).toBe(400);
    expect(await status(`${MATCHES.path}/x`, MATCHES.protocol)).toBe(404);
    expect(await status(`${MATCHES.path}?token=x`, MATCHES.protocol)).toBe(401);
  });

  it('ends with the session', async () => {
    const phone = await Phone.login(ada);
    const device = await Device.connect(
      app.url,
      [MATCHES.protocol, `bearer.${phone.access}`],
      {},
      MATCHES.path,
    );
    await device.hello();
    await phone.logout();
    expect(await device.closed()).toBe(4403);
  });

  it('shares the sockets of a person with the other gateways, also in a burst', async () => {
    const person = await app.api.register();
    const devices = await Promise.all(
      times(30, (index) => (index % 2 === 0 ? connect(app.url, person) : Device.open(person))),
    );
    const closing = (device: Device) => device.closed().then((code) => ({ device, code }));
    const closed: { device: Device; code: number }[] = [];
    for (const device of devices) void closing(device).then((one) => closed.push(one));
    await vi.waitFor(() => expect(closed).toHaveLength(20));
    expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([4408]));
    expect(app.app.get(SocketRegistry).of(person.userId).size).toBe(10);
    const staying = devices.filter((device) => device.code === undefined);
    await Promise.all(staying.map((device) => device.hello()));
    await Promise.all(staying.map((device) => device.leave()));
  });
});

describe.runIf(hasDatabase())('limits over all gateways', () => {
  it('those that wait for their sign-in share the room of an address', async () => {
    const app = await TestApp.start({
      override: all(adding(LiveModule), policy({ ...HASTY, strangersPerAddress: 2 })),
    });
    const strangers = [await Device.connect(app.url), await connect(app.url)];
    expect(await statusOf(address(app.url, MATCHES.path), [MATCHES.protocol])).toBe(429);
    expect(await statusOf(address(app.url))).toBe(429);
    await Promise.all(strangers.map((device) => device.leave()));
    await app.stop();
  });

  it('no burst of genuine tokens opens more sockets than there is room for', async () => {
    const app = await TestApp.start({
      override: all(adding(LiveModule), policy({ ...HASTY, sockets: 5, strangersPerAddress: 0 })),
    });
    const people = await Promise.all(times(4, () => app.api.register()));
    const results = await Promise.allSettled(
      people.flatMap((person) =>
        times(5, (index) =>
          statusOfOpen(app.url, person, index % 2 === 0 ? MATCHES : { path: '/ws/sync', protocol: PROTOCOL }),
        ),
      ),
    );
    const statuses = results.map((result) => (result.status === 'fulfilled' ? result.value : 0));
    expect(statuses.filter((status) => status === 101)).toHaveLength(5);
    expect(statuses.filter((status) => status === 503)).toHaveLength(15);
    await app.stop();
  });
});

const statusOfOpen = (url: string, person: Api, { path, protocol }: typeof MATCHES): Promise<number> =>
  Device.connect(url, [protocol, `bearer.${tokenOf(person)}`], {}, path).then(
    () => 101,
    (error: Error) => Number(/\d{3}$/.exec(error.message)?.[0]),
  );
