import { beforeEach, describe, expect, it } from 'vitest';
import type { Socket } from '../src/sockets.js';
import { problem } from './support/server.js';
import { type Phone, shown, weight, World } from './support/world.js';

class FakeSocket implements Socket {
  readonly sent: string[] = [];
  isClosed = false;
  private readonly listeners = new Map<string, (event: any) => void>();

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}

  addEventListener(type: string, listener: (event: any) => void): void {
    this.listeners.set(type, listener);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code = 1000): void {
    this.isClosed = true;
    this.listeners.get('close')?.({ code });
  }

  say(message: object): void {
    this.listeners.get('message')?.({ data: JSON.stringify(message) });
  }
}

const MINUTE = 60_000;

let world: World;
let a: Phone;
let sockets: FakeSocket[];
const socket = (): FakeSocket => sockets.at(-1) as FakeSocket;
const count = (path: string): number => world.server.log.filter((line) => line.endsWith(path)).length;

beforeEach(async () => {
  world = new World();
  sockets = [];
  a = await world.phone({
    socket: (url, protocols) => {
      sockets.push(new FakeSocket(url, protocols));
      return socket();
    },
  });
});

describe('the profile', () => {
  const zone = (): string | undefined => a.hale.user?.time_zone;

  it('that another device changed is known after the start, and every ten minutes', async () => {
    const seen: unknown[] = [];
    a.hale.records('weight').watch(() => seen.push(zone()));
    world.server.zone = 'Asia/Tokyo';
    a.hale.start();
    await a.runtime.pass(0);
    expect(zone()).toBe('Asia/Tokyo');
    expect(seen.at(-1)).toBe('Asia/Tokyo');
    world.server.zone = 'Asia/Kathmandu';
    await a.runtime.pass(9 * MINUTE);
    expect([zone(), count('/users/me')]).toEqual(['Asia/Tokyo', 1]);
    await a.runtime.pass(2 * MINUTE);
    expect([zone(), count('/users/me')]).toEqual(['Asia/Kathmandu', 2]);
    expect(seen.at(-1)).toBe('Asia/Kathmandu');
    // It is kept with the session, for a start without a connection.
    const again = await world.phone({ storage: a.storage });
    expect(again.hale.user?.time_zone).toBe('Asia/Kathmandu');
  });

  it('does not disturb sync where it cannot be read, and is read with the next run', async () => {
    world.server.fault = (path) => (path.endsWith('/users/me') ? problem(503, 'overloaded') : undefined);
    world.server.zone = 'Asia/Tokyo';
    a.hale.start();
    await a.runtime.pass(0);
    expect([a.hale.status.value.phase, zone()]).toEqual(['idle', 'UTC']);
    world.server.fault = () => undefined;
    await a.runtime.pass(MINUTE);
    expect(zone()).toBe('Asia/Tokyo');
  });

  it('is that of the person who is signed in when its answer arrives', async () => {
    let arrive = (): void => undefined;
    const held = new Promise<void>((resolve) => (arrive = resolve));
    const slow = async (request: Request): Promise<Response> => {
      const response = await world.server.fetch(request);
      if (request.url.endsWith('/users/me')) await held;
      return response;
    };
    const { hale } = await world.phone({ fetch: slow });
    const asked = hale.profile();
    await hale.logout();
    world.server.zone = 'Asia/Tokyo';
    await hale.login({ email: 'ben', password: 'x' });
    arrive();
    expect(await asked).toMatchObject({ id: 'user-ada' });
    expect(hale.user).toMatchObject({ id: 'user-ben', time_zone: 'Asia/Tokyo' });
  });
});

describe('a started client', () => {
  it('syncs at the start, after every edit, and every minute', async () => {
    a.hale.start();
    await a.runtime.pass(0);
    expect(count('pull')).toBe(1);
    await a.hale.records('weight').create(weight(80));
    await a.runtime.pass(0);
    expect(Object.keys(world.server.live())).toHaveLength(1);
    const before = count('pull');
    await a.runtime.pass(MINUTE);
    expect(count('pull')).toBe(before + 1);
    a.hale.stop();
    expect(a.runtime.due).toEqual([]);
  });

  it('syncs edits that were made during a run in the next run', async () => {
    a.hale.start();
    await a.runtime.pass(0);
    let isFirst = true;
    world.server.fault = (path) => {
      if (path.endsWith('push') && isFirst) {
        isFirst = false;
        void a.hale.records('weight').create(weight(81));
      }
      return undefined;
    };
    await a.hale.records('weight').create(weight(80));
    await a.runtime.pass(0);
    expect(Object.keys(world.server.live())).toHaveLength(2);
  });

  it('retries after each failure, with growing delays', async () => {
    world.server.fault = () => 'lose-request';
    a.hale.start();
    await a.runtime.pass(0);
    for (let failure = 1; failure <= 12; failure += 1) {
      const { phase, nextRetryAt = 0 } = a.hale.status.value;
      expect(phase).toBe('backoff');
      const wait = nextRetryAt - a.runtime.now();
      expect(wait).toBeLessThanOrEqual(Math.min(MINUTE, 1_000 * 2 ** (failure - 1)));
      expect(a.runtime.due).toContain(wait);
      await a.runtime.pass(wait);
    }
    world.server.fault = () => undefined;
    await a.runtime.pass(MINUTE);
    expect(a.hale.status.value).toMatchObject({ phase: 'idle' });
    expect(a.hale.status.value.lastError).toBeUndefined();
  });

  it('an edit does not shorten the delay that the server asked for; a restored connection does', async () => {
    world.server.fault = () => problem(503, 'busy', {}, { 'retry-after': '40' });
    a.hale.start();
    await a.runtime.pass(0);
    const before = world.server.log.length;
    await a.hale.records('weight').create(weight(80));
    await a.runtime.pass(20_000);
    expect(world.server.log.length).toBe(before);
    world.server.fault = () => undefined;
    a.runtime.wake();
    await a.runtime.pass(0);
    expect(a.hale.status.value).toMatchObject({ phase: 'idle', pendingCount: 0 });
  });

  it('sends no request while there is no connection', async () => {
    a.runtime.online = false;
    a.hale.start();
    await a.runtime.pass(0);
    const before = world.server.log.length;
    await a.hale.records('weight').create(weight(80));
    await a.runtime.pass(5 * MINUTE);
    expect(world.server.log.length).toBe(before);
    expect(a.hale.status.value).toMatchObject({ phase: 'offline', online: false, pendingCount: 1 });
    expect(a.hale.status.value.oldestPendingAge).toBeGreaterThan(4 * MINUTE);
    a.runtime.online = true;
    a.runtime.wake();
    await a.runtime.pass(0);
    expect(a.hale.status.value).toMatchObject({ phase: 'idle', online: true, upToDate: true });
  });

  it('a client that is too old still pulls', async () => {
    const b = await world.phone();
    world.server.fault = (path) => (path.endsWith('push') ? problem(426, 'upgrade-required') : undefined);
    a.hale.start();
    await a.hale.records('weight').create(weight(80));
    await a.runtime.pass(0);
    expect(a.hale.status.value).toMatchObject({ phase: 'upgrade_required', pendingCount: 1 });
    world.server.fault = () => undefined;
    await b.hale.records('weight').create(weight(70));
    await b.hale.sync();
    world.server.fault = (path) => (path.endsWith('push') ? problem(426, 'upgrade-required') : undefined);
    await a.runtime.pass(MINUTE);
    expect(Object.values(await shown(a)).toSorted()).toEqual([70, 80]);
  });
});

describe('realtime', () => {
  beforeEach(async () => {
    a.hale.start();
    await a.runtime.pass(0);
  });

  it('signs in by subprotocol, and pulls when the server has newer changes', async () => {
    expect(socket().url).toBe('ws://hale.test/ws/sync');
    expect(socket().protocols).toEqual(['hale.sync.v1', 'bearer.a1']);
    const b = await world.phone();
    await b.hale.records('weight').create(weight(70));
    await b.hale.sync();
    const before = count('pull');
    socket().say({ t: 'poke', head: '0', kinds: ['weight'] });
    await a.runtime.pass(500);
    expect(count('pull')).toBe(before);
    socket().say({ t: 'poke', head: '1', kinds: ['weight'] });
    await a.runtime.pass(500);
    expect(Object.values(await shown(a))).toEqual([70]);
  });

  it('reconnects with growing delays, and polls in the meantime', async () => {
    socket().close(1006);
    const before = count('pull');
    await a.runtime.pass(MINUTE);
    expect(sockets.length).toBe(2);
    expect(count('pull')).toBeGreaterThan(before);
  });

  it('renews the token before it expires, or after', async () => {
    socket().say({ t: 'auth_expiring', in: 60 });
    await a.runtime.pass(0);
    expect(socket().sent).toEqual([JSON.stringify({ t: 'auth', token: 'a2' })]);
    socket().close(4401);
    await a.runtime.pass(1_000);
    expect(socket().protocols[1]).toBe('bearer.a3');
  });

  it('waits after "too many connections"', async () => {
    socket().close(4408);
    await a.runtime.pass(59_999);
    expect(sockets.length).toBe(1);
    await a.runtime.pass(2_000);
    expect(sockets.length).toBe(2);
  });

  it.each([1008, 1009])('waits a minute after %i, whatever the server sent before', async (code) => {
    for (let opened = 1; opened <= 3; opened += 1) {
      expect(sockets.length).toBe(opened);
      socket().say({ t: 'error', code: 'email-unverified' });
      socket().close(code);
      await a.runtime.pass(59_999);
      expect(sockets.length).toBe(opened);
      await a.runtime.pass(2_000);
    }
  });

  it('counts as connected after the greeting, and not after another message', async () => {
    const tries = async (greet: boolean): Promise<number> => {
      const before = sockets.length;
      for (let elapsed = 0; elapsed < 5 * MINUTE; elapsed += 1_000) {
        if (!socket().isClosed) {
          if (greet) socket().say({ t: 'hello', epoch: 'e0', head: '0' });
          socket().say({ t: 'error', code: 'busy' });
          socket().close(1013);
        }
        await a.runtime.pass(1_000);
      }
      return sockets.length - before;
    };
    expect(await tries(false)).toBeLessThan(25);
    expect(await tries(true)).toBeGreaterThan(100);
  });

  it('continues when signing out was refused, and ends when it succeeded', async () => {
    world.server.fault = () => 'lose-request';
    await a.hale.records('weight').create(weight(80));
    await expect(a.hale.logout()).rejects.toMatchObject({ code: 'unsynced-edits' });
    expect(socket().isClosed).toBe(false);
    world.server.fault = () => undefined;
    const before = count('pull');
    socket().say({ t: 'poke', head: '7' });
    await a.runtime.pass(500);
    expect(count('pull')).toBeGreaterThan(before);
    await a.hale.logout();
    expect(socket().isClosed).toBe(true);
    await a.runtime.pass(10 * MINUTE);
    expect(sockets.length).toBe(1);
  });

  it('belongs to the person who is signed in now: the late end of an old session does not close it', async () => {
    const first = socket();
    await a.hale.login({ email: 'bob', password: 'x' });
    await a.runtime.pass(0);
    expect(first.isClosed).toBe(true);
    expect(socket().protocols[1]).toBe('bearer.a2');
    first.close(4403);
    await a.runtime.pass(0);
    expect(a.hale.status.value.phase).toBe('idle');
  });

  it('closes when the session was revoked', async () => {
    socket().close(4403);
    await a.runtime.pass(10 * MINUTE);
    expect(sockets.length).toBe(1);
    expect(a.hale.status.value.phase).toBe('auth_required');
  });

  it('ignores unknown messages', async () => {
    const before = count('pull');
    socket().say({ t: 'news' });
    socket().say([]);
    await a.runtime.pass(1_000);
    expect(count('pull')).toBe(before);
  });
});

describe('status.realtime', () => {
  const state = () => a.hale.status.value.realtime;
  const settled = () => a.runtime.pass(0);

  it('says how changes of other devices arrive', async () => {
    expect(state()).toBe('off');
    a.hale.start();
    await settled();
    expect(state()).toBe('connecting');
    socket().say({ t: 'hello', epoch: 'e0', head: '0' });
    await settled();
    expect(state()).toBe('connected');
    socket().close(1006);
    await settled();
    expect(state()).toBe('connecting');
    a.hale.stop();
    await settled();
    expect(state()).toBe('off');
  });

  it('says that there is no WebSocket', async () => {
    const b = await world.phone();
    b.hale.start();
    await b.runtime.pass(0);
    expect(b.hale.status.value.realtime).toBe('unavailable');
    b.hale.stop();
  });

  it('is off when the session was revoked', async () => {
    a.hale.start();
    await settled();
    socket().close(4403);
    await settled();
    expect(state()).toBe('off');
  });
});
