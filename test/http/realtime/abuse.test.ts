import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { person } from '../../../src/records/define/person/person.owner.js';
import { Announcements } from '../../../src/records/write/announcements.js';
import { ChangeSequence } from '../../../src/records/write/change-sequence.js';
import { SocketRegistry } from '../../../src/kernel/sockets/socket-registry.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { all, Log, Phone, times } from '../auth/support.js';
import { Device, HASTY, NEVER_POLLS, policy, PROTOCOL, tokenOf, write } from './support.js';

/** Pings, of six bytes each. */
const FLOOD = 100_000;

describe.runIf(hasDatabase())('91: nobody hears of anybody else', () => {
  let app: TestApp;
  let ada: Api;
  let eve: Api;
  beforeAll(async () => {
    app = await TestApp.start({ override: policy(HASTY) });
    [ada, eve] = [await app.api.register(), await app.api.register()];
  });
  afterAll(() => app.stop());

  it("91: another person's changes are not told", async () => {
    const [hers, others] = [await Device.join(ada), await Device.join(eve)];
    await write(ada);
    await hers.poke(1);
    await others.settle();
    expect(others.messages.map(({ t }) => t)).toEqual(['hello', 'pong']);
    await Promise.all([hers.leave(), others.leave()]);
  });

  it.each([
    ['a room', { t: 'subscribe', room: 'X' }],
    ['a record', { t: 'subscribe', record: 'X' }],
    ['all rooms', { t: 'subscribe', room: '*' }],
    ['an array', { t: 'subscribe', room: ['X'] }],
    ['an object', { t: 'join', room: { name: 'X' } }],
    ['a name of a prototype', { t: '__proto__' }],
    ['a key of a prototype', '{"t":"ping","__proto__":{"x":1}}'],
    ['a frame of Socket.IO', '42["join","X"]'],
    ['a frame of Nest', { event: 'join', data: 'X' }],
    ['a token that is no text', { t: 'auth', token: ['x'] }],
    ['nothing', ''],
    ['no object', 'null'],
    ['half an object', '{"t":'],
    ['a deep one', '['.repeat(10_000)],
  ])('91: a request for %s is an error; the third one closes the connection', async (_, message) => {
    const device = await Device.join(eve);
    const text = (typeof message === 'string' ? message : JSON.stringify(message)).replace('X', ada.userId);
    device.say(text);
    expect(await device.message(({ t }) => t === 'error')).toEqual({ t: 'error', code: 'unknown-message' });
    await device.settle();
    device.say(text);
    device.say(text);
    expect(await device.closed()).toBe(1008);
    expect(device.messages.map(({ t }) => t)).toEqual(['hello', 'error', 'pong', 'error', 'error']);
  });

  it('91: before the sign-in nothing is answered but that', async () => {
    const device = await Device.connect(app.url);
    for (const message of [{ t: 'ping' }, { t: 'subscribe' }, { t: 'hello' }]) device.say(message);
    expect(await device.closed()).toBe(1008);
    expect(device.messages).toEqual(times(3, () => ({ t: 'error', code: 'unauthenticated' })));
  });
});

describe.runIf(hasDatabase())('92: abuse', () => {
  const log = new Log();
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({
      env: { LOG_LEVEL: 'debug' },
      override: all(policy({ ...HASTY, ...NEVER_POLLS, coalesceMs: 1 }), log.install),
    });
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  it('92: a frame of more than 64 KiB is closed with 1009, whole or in parts', async () => {
    const whole = await Device.join(ada);
    whole.say('x'.repeat(1_000_000));
    expect(await whole.closed()).toBe(1009);
    const parts = await Device.join(ada);
    for (let part = 0; part < 3; part++) parts.socket.send('x'.repeat(30_000), { fin: false });
    expect(await parts.closed()).toBe(1009);
    const fitting = await Device.join(ada);
    fitting.say('x'.repeat(65_536));
    expect(await fitting.message(({ t }) => t === 'error')).toMatchObject({ code: 'unknown-message' });
    await fitting.leave();
  });

  it('92: binary is not understood', async () => {
    const device = await Device.join(ada);
    device.socket.send(Buffer.from('{"t":"ping"}'));
    expect(await device.message(({ t }) => t === 'error')).toMatchObject({ code: 'unknown-message' });
    await device.leave();
  });

  it.each(['messages', 'pings', 'pongs'])(
    '92: a connection that sends a thousand %s is closed with 4408',
    async (what) => {
      const device = await Device.join(ada);
      for (let sent = 0; sent < 1_000; sent++)
        if (what === 'messages') device.say({ t: 'ping' });
        else if (what === 'pings') device.socket.ping();
        else device.socket.pong();
      expect(await device.closed()).toBe(4408);
      expect(device.messages.length).toBeLessThanOrEqual(21);
      expect((await ada.get('/api/users/me')).status).toBe(200);
    },
  );

  it('92: a client that goes on after its close is not read any more', async () => {
    let read = 0;
    const { emit } = WebSocket.prototype;
    const emitted = vi.spyOn(WebSocket.prototype, 'emit').mockImplementation(function (
      this: WebSocket,
      ...event: Parameters<typeof emit>
    ) {
      if (event[0] === 'ping') read += 1;
      return emit.apply(this, event);
    } as typeof emit);
    const device = await Device.join(ada);
    const raw = (device.socket as unknown as { _socket: Socket })._socket;
    const ping = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
    // It is cut off: an error here is what must happen.
    const isOver = new Promise((resolve) => raw.once('close', resolve));
    raw.write(Buffer.alloc(ping.length * FLOOD, ping));
    await isOver;
    emitted.mockRestore();
    // More than the first forty, because one read of the connection brings up to 64 KiB.
    expect(read).toBeGreaterThan(40);
    expect(read).toBeLessThan(FLOOD / 2);
  });

  it('92: twenty messages are no abuse', async () => {
    const device = await Device.join(ada);
    for (let sent = 0; sent < 20; sent++) await device.settle();
    device.say({ t: 'ping' });
    expect(await device.closed()).toBe(4408);
  });

  it('92: a reader who does not read is closed, and nothing piles up', async () => {
    const device = await Device.open(ada);
    await device.hello();
    device.socket.pause();
    const announcements = app.app.get(Announcements);
    const sockets = app.app.get(SocketRegistry);
    expect(sockets.size).toBe(1);
    const long = times(2_000, (index) => `a-kind-with-a-long-name-${index}`);
    const before = process.memoryUsage().rss;
    // Until the buffers of the system are full, and then the bound.
    for (let head = 1; sockets.size > 0 && head < 5_000; head++) {
      announcements.announce({ owner: person(ada.userId), head, kinds: long });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(sockets.size).toBe(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    device.socket.resume();
    // What was said before, then the reason, unless the connection was cut first.
    expect([1013, 1006]).toContain(await device.closed());
    expect((await ada.get('/api/users/me')).status).toBe(200);
  });

  it('92: a database that fails at the sign-in is a reason to come later', async () => {
    const head = vi.spyOn(app.app.get(ChangeSequence), 'head').mockRejectedValueOnce(new Error('gone'));
    const device = await Device.open(ada);
    expect(await device.closed()).toBe(1013);
    expect(device.messages).toEqual([]);
    head.mockRestore();
    const failures = log.lines.filter(({ level }) => Number(level) > 30);
    expect(failures).toEqual([expect.objectContaining({ component: 'sockets', error: 'Error' })]);
    log.lines.splice(0);
  });

  it('92: no log line carries a token, and each open and close is one line at most', async () => {
    const device = await Device.join(ada);
    await device.leave();
    const text = JSON.stringify(log.lines);
    expect(text).not.toContain(tokenOf(ada));
    expect(text).not.toContain('bearer.');
    expect(log.lines.filter(({ level }) => Number(level) > 30)).toEqual([]);
    expect(log.lines).toContainEqual(expect.objectContaining({ event: 'socket_open', user_id: ada.userId }));
  });
});

describe.runIf(hasDatabase())('92: the token of an ended session', () => {
  it("92: uses up nothing of its owner's, neither sockets nor sign-ins", async () => {
    const app = await TestApp.start({
      override: policy({ ...HASTY, socketsPerUser: 2, connectsPerMinute: 10, strangersPerAddress: 100 }),
    });
    const ada = await app.api.register();
    const stolen = await Phone.login(ada);
    await stolen.logout();
    const thieves = await Promise.all(
      times(30, () => Device.connect(app.url, [PROTOCOL, `bearer.${stolen.access}`])),
    );
    const owner = await Device.join(ada);
    expect(new Set(await Promise.all(thieves.map((thief) => thief.closed())))).toEqual(new Set([4403]));
    await owner.settle();
    await owner.leave();
    await app.stop();
  });
});

describe.runIf(hasDatabase())('92: a connection whose end is gone', () => {
  it('92: never a pong: cut off; with pongs it stays', async () => {
    const app = await TestApp.start({ override: policy({ ...HASTY, pingMs: 500 }) });
    const ada = await app.api.register();
    const [silent, alive] = [await Device.join(ada, { autoPong: false }), await Device.join(ada)];
    const pings: unknown[] = [];
    alive.socket.on('ping', () => pings.push(1));
    expect(await silent.closed()).toBe(1006);
    while (pings.length < 2) await once(alive.socket, 'ping');
    await alive.settle();
    await alive.leave();
    await app.stop();
  });

  it('92: a client that does not answer a close is let go', async () => {
    const app = await TestApp.start({ override: policy({ ...HASTY, signInMs: 50 }) });
    const { port } = new URL(app.url);
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.write(
      'GET /ws/sync HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        `sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: ${PROTOCOL}\r\n\r\n`,
    );
    const received: Buffer[] = [];
    socket.on('data', (data) => received.push(data)).on('error', () => undefined);
    await once(socket, 'close');
    // 88: a close frame; 4401 is 0x1131.
    expect(Buffer.concat(received).subarray(-4).toString('hex')).toBe('88021131');
    // Both ends are in this process; the server's comes to know it a moment later.
    await vi.waitFor(() => expect(app.app.get(SocketRegistry).size).toBe(0));
    await app.stop();
  });
});
