import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Redis as RedisClient } from '../../../src/platform/redis/redis.js';
import { RedisChannels } from '../../../src/platform/redis/redis-channels.js';
import { freePort } from '../../../tools/support/programs.js';
import type { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase, type TestDatabase } from '../../support/database.js';
import { BlackHole, OwnRedis } from '../../support/own-redis.js';
import { until } from '../../support/until.js';
import { startTwo } from '../auth/support.js';
import { hasRedis } from '../hardening/support.js';
import { announce, at, Device, HASTY, NEVER_POLLS, policy, write } from './support.js';

/** While Redis works nothing is polled, so an announcement can only come through Redis. */
const hurried = policy({ ...HASTY, coalesceMs: 10, pollMs: { alone: 20, withRedis: 1e9 } });

describe.runIf(hasDatabase() && hasRedis())('F60: two instances with Redis', () => {
  let database: TestDatabase;
  let redis: OwnRedis;
  let here: TestApp;
  let there: TestApp;
  let ada: Api;
  beforeAll(async () => {
    redis = new OwnRedis(await freePort());
    await redis.start();
    [here, there] = await startTwo({ env: { REDIS_URL: redis.url }, override: hurried });
    database = here.database;
  });
  beforeEach(async () => {
    await untilUp();
    ada = await here.api.register();
  });
  afterAll(async () => {
    await there.stop();
    await here.stop();
    await redis.remove();
  });

  const isUp = ({ app }: TestApp): boolean => app.get(RedisChannels).isUp;
  const untilUp = (): Promise<unknown> => until(() => isUp(here) && isUp(there));
  const untilDown = (): Promise<unknown> => until(() => !isUp(there));

  it('a change on one instance is announced on the other, with its kinds, and once on its own', async () => {
    const [near, far] = [await Device.join(ada), await Device.join(at(there, ada))];
    await write(ada);
    expect(await far.poke(1)).toEqual({ t: 'poke', head: '1', kinds: ['weight'] });
    await write(ada);
    await far.poke(2);
    await near.poke(2);
    // Its own message, returned by Redis, is not announced again.
    await near.settle();
    expect(near.pokes.map(({ head }) => head)).toEqual(['1', '2']);
  });

  it('F60: while Redis is killed, pokes still arrive and HTTP works; afterwards it is used again', async () => {
    const far = await Device.join(at(there, ada));
    await redis.kill();
    await untilDown();
    await write(ada);
    expect(await far.poke(1)).toMatchObject({ kinds: [] });
    await redis.start();
    await untilUp();
    await write(ada);
    // Redis and the comparison of heads are in a race.
    expect(await far.poke(2)).toMatchObject({ t: 'poke', head: '2' });
    const client = new Redis(redis.url);
    expect(await client.pubsub('CHANNELS')).not.toEqual([]);
    client.disconnect();
  });

  it('F60: a hanging Redis delays no write, and pokes arrive', async () => {
    const far = await Device.join(at(there, ada));
    redis.freeze();
    try {
      const attempts = vi.spyOn(here.app.get(RedisClient), 'attempt');
      await write(ada);
      // Each attempt is given up after 100 ms.
      expect(attempts.mock.calls.length).toBeLessThan(5);
      attempts.mockRestore();
      await at(there, ada).get('/api/users/me');
      await untilDown();
      expect(await far.poke(1)).toMatchObject({ head: '1' });
    } finally {
      redis.thaw();
    }
  });

  it('F60: a message lost while the connection was down is made up for as soon as it is restored', async () => {
    // Heads are compared for no other reason.
    const app = await TestApp.start({
      env: { REDIS_URL: redis.url },
      override: policy({ ...HASTY, ...NEVER_POLLS }),
      database,
    });
    await until(() => isUp(app));
    const far = await Device.join(at(app, ada));
    // An instance without Redis: however soon the connection is restored, the message is lost.
    const silent = await TestApp.start({ database });
    await write(at(silent, ada));
    const client = new Redis(redis.url);
    await client.client('KILL', 'TYPE', 'pubsub');
    client.disconnect();
    expect(await far.poke(1)).toMatchObject({ kinds: [] });
    await silent.stop();
    await app.stop();
  });

  it('F60: duplicated and reordered messages are announced in order, and once', async () => {
    const far = await Device.join(at(there, ada));
    for (const head of [2, 2, 1, 4, 3, 4]) announce(here, ada, head, 'weight');
    await far.poke(4);
    announce(here, ada, 3, 'weight');
    announce(here, ada, 5, 'meal');
    await far.poke(5);
    const told = far.pokes.map(({ head }) => Number(head));
    expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
  });

  it('messages of other programs are ignored', async () => {
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

  it('F60: a Redis that never answers at first is used once it does', async () => {
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
      await until(() => isUp(app));
      await write(ada);
      expect(await far.poke(2)).toMatchObject({ kinds: ['weight'] });
    } finally {
      hole.stop();
      await app.stop();
    }
  });

  it('F60: a missing Redis prevents neither the start nor pokes', async () => {
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
