import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisChannels } from '../../../src/platform/redis/redis-channels.js';
import { freePort } from '../../../scripts/support/programs.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { BlackHole, OwnRedis } from '../../support/own-redis.js';
import { startTwo } from '../auth/support.js';
import { hasRedis } from '../hardening/support.js';
import { announce, at, Device, HASTY, NEVER_POLLS, policy, write } from './support.js';

/** While Redis is up nothing is polled, so what arrives there came through it. */
const hurried = policy({ ...HASTY, coalesceMs: 10, pollMs: { alone: 20, withRedis: 1e9 } });

describe.runIf(hasDatabase() && hasRedis())('F60: two instances with Redis', () => {
  let database: TestDatabase;
  let redis: OwnRedis;
  let here: TestApp;
  let there: TestApp;
  let ada: Api;
  beforeAll(async () => {
    database = await createDatabase();
    redis = new OwnRedis(await freePort());
  });
  beforeEach(async () => {
    await redis.start();
    [here, there] = await startTwo({ database, env: { REDIS_URL: redis.url }, override: hurried });
    await untilUp();
    ada = await here.api.register();
  });
  afterEach(async () => {
    await Promise.all([here.stop(), there.stop()]);
    await redis.kill();
  });
  afterAll(async () => {
    await redis.remove();
    await database.drop();
  });

  const untilUp = (): Promise<void> =>
    vi.waitFor(
      () => expect([here, there].map(({ app }) => app.get(RedisChannels).isUp)).toEqual([true, true]),
      { timeout: 10_000 },
    );
  const untilDown = (): Promise<void> =>
    vi.waitFor(() => expect(there.app.get(RedisChannels).isUp).toBe(false), { timeout: 10_000 });

  it('what is written here is told there, with its kinds, and once here', async () => {
    const [near, far] = [await Device.join(ada), await Device.join(at(there, ada))];
    await write(ada);
    expect(await far.poke(1)).toEqual({ t: 'poke', head: '1', kinds: ['weight'] });
    await write(ada);
    await far.poke(2);
    await near.poke(2);
    // The echo of its own words is not news.
    await near.settle();
    expect(near.pokes.map(({ head }) => head)).toEqual(['1', '2']);
  });

  it('F60: Redis killed in the middle: pokes arrive all the same, HTTP goes on; back, it is used again', async () => {
    const far = await Device.join(at(there, ada));
    await redis.kill();
    await untilDown();
    await write(ada);
    expect(await far.poke(1)).toMatchObject({ kinds: [] });
    await redis.start();
    await untilUp();
    await write(ada);
    // Whether it comes through Redis or is found by asking first is a race.
    expect(await far.poke(2)).toMatchObject({ t: 'poke', head: '2' });
    const client = new Redis(redis.url);
    expect(await client.pubsub('CHANNELS')).not.toEqual([]);
    client.disconnect();
  });

  it('F60: frozen, it delays no write, and pokes arrive', async () => {
    const far = await Device.join(at(there, ada));
    redis.freeze();
    try {
      const begin = performance.now();
      await write(ada);
      expect(performance.now() - begin).toBeLessThan(500);
      await at(there, ada).get('/api/users/me');
      await untilDown();
      expect(await far.poke(1)).toMatchObject({ head: '1' });
    } finally {
      redis.thaw();
    }
  });

  it('F60: a message lost while the connection was away is made good as soon as it is back', async () => {
    // Heads are compared for no other reason.
    const app = await TestApp.start({
      env: { REDIS_URL: redis.url },
      override: policy({ ...HASTY, ...NEVER_POLLS }),
      database,
    });
    const channels = app.app.get(RedisChannels);
    await vi.waitFor(() => expect(channels.isUp).toBe(true));
    const far = await Device.join(at(app, ada));
    const client = new Redis(redis.url);
    await client.client('KILL', 'TYPE', 'pubsub');
    client.disconnect();
    await vi.waitFor(() => expect(channels.isUp).toBe(false), { interval: 1 });
    await write(ada);
    expect(await far.poke(1)).toMatchObject({ kinds: [] });
    await app.stop();
  });

  it('F60: doubled and reordered messages are told in order, and once', async () => {
    const far = await Device.join(at(there, ada));
    for (const head of [2, 2, 1, 4, 3, 4]) announce(here, ada, head, 'weight');
    await far.poke(4);
    announce(here, ada, 3, 'weight');
    announce(here, ada, 5, 'meal');
    await far.poke(5);
    const told = far.pokes.map(({ head }) => Number(head));
    expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
  });

  it('what nobody of us has said is ignored', async () => {
    const far = await Device.join(at(there, ada));
    const client = new Redis(redis.url);
    const { userId } = ada;
    for (const message of [
      '',
      'x',
      userId,
      `${userId} -1 weight`,
      `${userId} 1e9 a`,
      `${userId} 2`,
      '{"a":1}',
    ])
      await client.publish('hale:pokes', message);
    await client.publish('hale:pokes', `${userId} 3 `);
    client.disconnect();
    expect(await far.poke(3)).toEqual({ t: 'poke', head: '3', kinds: [] });
    expect(far.pokes).toHaveLength(1);
  });

  it('F60: a Redis that never answers at first is listened to once it does', async () => {
    const hole = new BlackHole();
    const app = await TestApp.start({
      env: { REDIS_URL: await hole.start() },
      override: hurried,
      database,
    });
    try {
      const far = await Device.join(at(app, ada));
      await write(ada);
      expect(await far.poke(1)).toMatchObject({ kinds: [] });
      hole.openTo(redis.port);
      await vi.waitFor(() => expect(app.app.get(RedisChannels).isUp).toBe(true), { timeout: 10_000 });
      await write(ada);
      expect(await far.poke(2)).toMatchObject({ kinds: ['weight'] });
    } finally {
      hole.stop();
      await app.stop();
    }
  });

  it('F60: a Redis that is not there at the start is no reason not to start, nor not to poke', async () => {
    const app = await TestApp.start({
      env: { REDIS_URL: `redis://127.0.0.1:${await freePort()}` },
      override: hurried,
      database,
    });
    const eve = await app.api.register();
    const device = await Device.join(eve);
    await app.db.writer.query('UPDATE user_sequences SET seq = 1 WHERE user_id = ?', [eve.userId]);
    expect(await device.poke(1)).toMatchObject({ kinds: [] });
    await app.stop();
  });
});
