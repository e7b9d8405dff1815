import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Counters } from '../../../src/kernel/throttle/counters.js';
import { SocketRegistry } from '../../../src/kernel/sockets/socket-registry.js';
import { PokeAudience } from '../../../src/modules/sync/pokes/poke-audience.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { times } from '../auth/support.js';
import { Device, HASTY, NEVER_POLLS, policy, tokenOf, write } from './support.js';

const METRICS_TOKEN = 'only-for-tests-metrics';

describe.runIf(hasDatabase())('many connections', () => {
  let app: TestApp;
  let ada: Api;
  beforeAll(async () => {
    app = await TestApp.start({
      env: { METRICS_TOKEN },
      override: policy({ ...HASTY, ...NEVER_POLLS, connectsPerMinute: 260 }),
    });
    ada = await app.api.register();
  });
  afterAll(() => app.stop());

  it('92, F61: of two hundred sockets of one person the first ten stay open', async () => {
    const incumbents = await Promise.all(times(10, () => Device.join(ada)));
    const storm = await Promise.all(times(190, () => Device.open(ada)));
    expect(new Set(await Promise.all(storm.map((device) => device.closed())))).toEqual(new Set([4408]));
    await Promise.all(incumbents.map((device) => device.settle()));
    await write(ada);
    await Promise.all(incumbents.map((device) => device.poke(1)));
    // One closes, and there is room for one.
    await incumbents[0]!.leave();
    const next = await Device.join(ada);
    expect(await (await Device.open(ada)).closed()).toBe(4408);
    await Promise.all([next, ...incumbents.slice(1)].map((device) => device.leave()));
  });

  it('F61: a client that connects too often is refused for a while, and open connections stay', async () => {
    const eve = await app.api.register();
    const incumbent = await Device.join(eve);
    let refused: number | undefined;
    for (let turn = 0; turn < 300 && refused === undefined; turn++) {
      const device = await Device.open(eve);
      await Promise.race([device.hello(), device.closed()]).catch(() => undefined);
      refused = device.code;
      if (refused === undefined) await device.leave();
    }
    expect(refused).toBe(4408);
    await incumbent.settle();
    expect((await eve.get('/api/users/me')).status).toBe(200);
    const bystander = await Device.join(await app.api.register());
    await Promise.all([incumbent.leave(), bystander.leave()]);
  });

  it('F58: a connection that closes before its admission is not waited for', async () => {
    const eve = await app.api.register();
    const before = app.app.get(SocketRegistry).size;
    const counted = vi.spyOn(app.app.get(Counters), 'hit').mockImplementationOnce(async () => {
      device.socket.terminate();
      await vi.waitFor(() => expect(app.app.get(SocketRegistry).size).toBe(before));
      return { hits: 1, resetMs: 1 };
    });
    const device = await Device.connect(app.url);
    device.say({ t: 'auth', token: tokenOf(eve) });
    expect(await device.closed()).toBe(1006);
    await vi.waitFor(() => expect(counted.mock.settledResults[0]?.type).toBe('fulfilled'));
    expect(app.app.get(PokeAudience).userIds).not.toContain(eve.userId);
    counted.mockRestore();
  });

  it('F57, F58: hundreds connect at once, get every change announced, and leave nothing behind', async () => {
    const people = await Promise.all(times(40, () => app.api.register()));
    const devices = await Promise.all(
      people.flatMap((person) => times(8, async () => [person, await Device.join(person)] as const)),
    );
    expect(app.app.get(SocketRegistry).size).toBe(320);
    await Promise.all(people.map((person) => write(person)));
    await Promise.all(devices.map(([, device]) => device.poke(1)));
    expect(devices.filter(([, device]) => device.pokes.length !== 1)).toEqual([]);
    const { body } = await app.api.bearer(METRICS_TOKEN).get('/metrics');
    expect(String(body)).toMatch(/^realtime_sockets 320$/m);
    for (const [, device] of devices) device.socket.terminate();
    await vi.waitFor(() => expect(app.app.get(SocketRegistry).size).toBe(0), { timeout: 10_000 });
  });
});
