import { beforeEach, describe, expect, it, vi } from 'vitest';
import { localLocks } from '../src/runtime.js';
import { MemoryStorage } from '../src/storage/memory.js';
import { problem } from './support/server.js';
import { type Phone, shown, weight, World } from './support/world.js';

/* Several tabs on one store that get no messages from each other. Browsers sometimes lose such messages, so everything must work without them. */

/** A request that waits until the test releases it. */
class Gate {
  reach: () => void = () => undefined;
  open: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => (this.reach = resolve));
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  pass(): Promise<void> {
    this.reach();
    return this.opened;
  }
}

type Point = 'before' | 'after';

let world: World;
let storage: MemoryStorage;
let a: Phone;
let b: Phone;
let holds: { tab: string; path: string; point: Point; gate: Gate }[];

/** Holds the next request of a tab to this path: the request before it arrives, or its answer afterwards. */
function hold(tab: string, path: string, point: Point): Gate {
  const gate = new Gate();
  holds.push({ tab, path, point, gate });
  return gate;
}

async function held(tab: string, request: Request, point: Point): Promise<void> {
  const at = holds.findIndex(
    (one) => one.tab === tab && request.url.includes(one.path) && one.point === point,
  );
  if (at >= 0) await holds.splice(at, 1)[0]?.gate.pass();
}

/** Without the rules of the app's kinds, which say nothing of a person. */
const keys = (): string[] =>
  (storage as any).map.entries().flatMap(([key]: [string]) => (key.startsWith('k/') ? [] : key));
const stored = (prefix: string): Promise<any[]> =>
  storage.transact((transaction) => transaction.list(prefix));

beforeEach(async () => {
  world = new World();
  storage = new MemoryStorage();
  holds = [];
  const lock = localLocks();
  const tab = (name: string): Promise<Phone> =>
    world.phone({
      storage,
      lock,
      fetch: async (request) => {
        await held(name, request, 'before');
        const response = await world.server.fetch(request);
        await held(name, request, 'after');
        return response;
      },
    });
  a = await tab('A');
  b = await tab('B');
});

async function bobHas(value: number): Promise<void> {
  const phone = await world.phone({ email: 'bob' });
  await phone.hale.records('weight').create(weight(value));
  await phone.hale.sync();
}

describe('another person signs in during a run', () => {
  it.each([
    ['A', 'status', 'before'],
    ['A', 'status', 'after'],
    ['A', 'pull', 'before'],
    ['A', 'pull', 'after'],
    ['B', 'status', 'after'],
    ['B', 'pull', 'before'],
    ['B', 'pull', 'after'],
  ] as const)(
    'in tab %s, at the request %s, %s it arrives: no store gets records of the other person',
    async (tab, path, point) => {
      const mine = await a.hale.records('weight').create(weight(80));
      await bobHas(99);
      const gate = hold(tab, `/sync/${path}`, point);
      const running = (tab === 'A' ? a : b).hale.sync();
      await gate.reached;
      await a.hale.login({ email: 'bob', password: 'x' });
      gate.open();
      await running;
      await a.hale.sync();
      expect(Object.values(await shown(a))).toEqual([99]);
      await a.hale.login({ email: 'ada', password: 'x' });
      expect(await shown(a)).toEqual({ [mine]: 80 });
      await a.hale.sync();
      expect(await shown(a)).toEqual({ [mine]: 80 });
      expect(a.hale.status.value).toMatchObject({ phase: 'idle', upToDate: true });
      expect(a.hale.status.value.lastError).toBeUndefined();
    },
  );

  it('in another tab: this tab continues as the other person and refuses edits of the first one', async () => {
    await bobHas(99);
    await a.hale.login({ email: 'bob', password: 'x' });
    await expect(b.hale.records('weight').create(weight(80))).rejects.toMatchObject({ code: 'signed-out' });
    await b.hale.sync();
    expect(b.hale.user?.id).toBe('user-bob');
    await b.hale.sync();
    expect(Object.values(await shown(b))).toEqual([99]);
    expect(b.hale.status.value.lastError).toBeUndefined();
  });

  it('listeners are notified in both tabs', async () => {
    await a.hale.sync();
    await b.hale.sync();
    const told = { a: 0, b: 0 };
    a.hale.records('weight').watch(() => (told.a += 1));
    b.hale.records('weight').watch(() => (told.b += 1));
    await a.hale.login({ email: 'bob', password: 'x' });
    await b.hale.sync();
    expect(told).toEqual({ a: 1, b: 1 });
  });

  it('a store that cannot be read at that moment stops only one run', async () => {
    await b.hale.login({ email: 'bob', password: 'x' });
    // The first transaction finds that the session has ended. The second one reads who is signed in.
    const { transact } = storage;
    const reading = vi.spyOn(storage, 'transact');
    reading.mockImplementationOnce(transact).mockRejectedValueOnce(new Error('lost'));
    a.hale.start();
    await a.runtime.pass(0);
    expect(a.hale.status.value.phase).toBe('error');
    await a.runtime.pass(60_000);
    expect(a.hale.user?.id).toBe('user-bob');
    expect(await a.hale.sync()).toEqual({ phase: 'idle' });
    a.hale.stop();
  });

  it('a late refusal of the old tokens does not end the new session', async () => {
    const gate = hold('B', '/sync/status', 'before');
    const running = b.hale.sync();
    await gate.reached;
    await a.hale.login({ email: 'bob', password: 'x' });
    world.server.fault = (_, request) =>
      request.headers.get('authorization') === 'Bearer a1' ? problem(401, 'session-revoked') : undefined;
    gate.open();
    expect(await running).toEqual({ phase: 'idle' });
    expect(await stored('session')).toEqual([expect.not.objectContaining({ ended: expect.anything() })]);
    expect((await stored('session'))[0]).toMatchObject({ user: { id: 'user-bob' }, access_token: 'a2' });
  });

  it('the tokens of one person are never used as renewed tokens of the other', async () => {
    const gate = hold('B', '/api/users/me', 'after');
    world.server.expired.add('a1');
    const call = b.hale.api.GET('/api/users/me');
    await gate.reached;
    await a.hale.login({ email: 'bob', password: 'x' });
    gate.open();
    await expect(call).rejects.toMatchObject({ code: 'signed-out' });
  });

  it('a refresh that ends late does not restore the session', async () => {
    const gate = hold('B', '/api/auth/refresh', 'after');
    world.server.expired.add('a1');
    const running = b.hale.sync();
    await gate.reached;
    await a.hale.login({ email: 'bob', password: 'x' });
    const [bob] = await stored('session');
    gate.open();
    await running;
    expect(await stored('session')).toEqual([bob]);
  });

  it('a refusal of old tokens does not end a session that another tab has renewed', async () => {
    const gate = hold('B', '/sync/status', 'before');
    const running = b.hale.sync();
    await gate.reached;
    world.server.expired.add('a1');
    await a.hale.api.GET('/api/users/me');
    world.server.fault = (_, request) =>
      request.headers.get('authorization') === 'Bearer a1' ? problem(401, 'unauthenticated') : undefined;
    gate.open();
    expect(await running).toMatchObject({ phase: 'error' });
    expect(await b.hale.sync()).toEqual({ phase: 'idle' });
    expect((await stored('session'))[0]).not.toHaveProperty('ended');
  });
});

describe('signing out while another tab syncs', () => {
  /** Signing out must work even if the other tab hangs. */
  const leave = async (options?: { discard: boolean }): Promise<void> => {
    const left = a.hale.logout(options);
    await a.runtime.pass(5_000);
    await left;
  };

  it.each([
    ['status', 'after'],
    ['pull', 'before'],
    ['pull', 'after'],
    ['digest', 'after'],
  ] as const)('at the request %s, %s it arrives: no data remains, and none returns', async (path, point) => {
    await a.hale.records('weight').create(weight(80));
    await a.hale.sync();
    const gate = hold('B', `/sync/${path}`, point);
    if (path === 'digest') b.runtime.setClock(world.time + 25 * 3_600_000);
    const running = b.hale.sync();
    await gate.reached;
    await leave();
    expect(keys()).toEqual(['device']);
    gate.open();
    expect(await running).toEqual({ phase: 'signed_out' });
    await b.hale.sync();
    expect(keys()).toEqual(['device']);
    expect(b.hale.user).toBeUndefined();
    expect(b.hale.status.value).toMatchObject({ phase: 'signed_out', pendingCount: 0 });
  });

  it.each(['before', 'after'] as const)(
    'during its push, %s it arrives: discarded edits stay discarded',
    async (point) => {
      await b.hale.records('weight').create(weight(99));
      const gate = hold('B', '/sync/push', point);
      const running = b.hale.sync();
      await gate.reached;
      await leave({ discard: true });
      world.server.isRevoked = true;
      gate.open();
      expect(await running).toEqual({ phase: 'signed_out' });
      expect(keys()).toEqual(['device']);
    },
  );

  it('waits for a run that ends, so that edits that are being sent need not be discarded', async () => {
    await b.hale.records('weight').create(weight(99));
    const gate = hold('B', '/sync/push', 'after');
    const running = b.hale.sync();
    await gate.reached;
    const left = a.hale.logout();
    gate.open();
    await Promise.all([left, running]);
    expect(Object.values(world.server.live())).toHaveLength(1);
    expect(keys()).toEqual(['device']);
  });

  it('is complete on this device before the server is told', async () => {
    const gate = hold('A', '/api/auth/logout', 'before');
    const left = a.hale.logout();
    await gate.reached;
    expect(keys()).toEqual(['device']);
    expect(a.hale.status.value.phase).toBe('signed_out');
    gate.open();
    await left;
  });

  it('a tab that has no news of it does not sign out the person who signed in later', async () => {
    await a.hale.logout();
    await a.hale.login({ email: 'bob', password: 'x' });
    await b.hale.logout();
    expect((await stored('session'))[0]).toMatchObject({ user: { id: 'user-bob' } });
    expect(b.hale.user?.id).toBe('user-bob');
  });
});
