import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LoginPolicy } from '../../../src/modules/identity/auth/login-limits.js';
import { FactorPolicy } from '../../../src/modules/identity/factors/factor-limits.js';
import { Redis as RedisClient } from '../../../src/platform/redis/redis.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { TestClock } from '../../support/clock.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';
import { BlackHole, OwnRedis } from '../../support/own-redis.js';
import { Secured } from '../../support/totp.js';
import { until } from '../../support/until.js';
import { freePort } from '../../../tools/support/programs.js';
import { codeOf, everyAnswer, hasRedis, recordAnswers, WEIGHT, weight } from './support.js';

const LIMIT = 40;

describe.runIf(hasDatabase() && hasRedis())('79: Redis stops and starts', () => {
  const answers = recordAnswers();
  let database: TestDatabase;
  let redis: OwnRedis;
  let app: TestApp;
  beforeAll(async () => {
    database = await createDatabase();
    redis = new OwnRedis(await freePort());
    await redis.start();
  });
  afterEach(() => app.stop());
  afterAll(async () => {
    await redis.remove();
    await database.drop();
  });

  const start = (url: string): Promise<TestApp> =>
    TestApp.start({
      env: { REDIS_URL: url, RATE_LIMIT_PER_MINUTE: String(LIMIT) },
      override: (builder) =>
        builder
          .overrideProvider(LoginPolicy)
          .useValue(new LoginPolicy())
          .overrideProvider(FactorPolicy)
          .useValue(new FactorPolicy()),
      database,
    });

  const readiness = async (): Promise<unknown[]> => {
    const { status, body } = await app.api.get('/health/ready');
    return [status, body];
  };
  const READY = [200, { status: 'ok', degraded: [] }];
  const DEGRADED = [200, { status: 'ok', degraded: ['redis'] }];

  /** Polls, because nothing reports a restored connection. */
  const untilReady = () => until(async () => isDeepStrictEqual(await readiness(), READY));

  /** Uses up the rest of a person's rate limit, one request after the other. */
  async function spend(api: Api, times: number): Promise<void> {
    for (let time = 0; time < times; time++) expect((await api.get('/api/users/me')).status).toBe(200);
  }

  it('79: when it is killed, requests are still answered, and used requests stay counted', async () => {
    app = await start(redis.url);
    await untilReady();
    const ada = await app.api.register();
    await spend(ada, 15);
    expect(await redis.keys(`hale:limit:user:${ada.userId}`)).toHaveLength(1);
    await redis.kill();
    expect((await ada.post(WEIGHT, weight)).status).toBe(201);
    await spend(ada, LIMIT - 16);
    const refused = await ada.get('/api/users/me');
    expect([refused.status, codeOf(refused)]).toEqual([429, 'quota-exceeded']);
    expect(await readiness()).toEqual(DEGRADED);
    expect((await app.api.get('/health/live')).status).toBe(200);
  });

  it('79: while it is unavailable, new users are limited too, and exactly', async () => {
    app = await start(redis.url);
    const eve = await app.api.register();
    const all = await Promise.all(Array.from({ length: 2 * LIMIT }, () => eve.get('/api/users/me')));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(LIMIT);
    expect(all.filter(({ status }) => status === 429)).toHaveLength(LIMIT);
  });

  it('79: while it is unavailable, passwords are limited too', async () => {
    app = await start(redis.url);
    const ada = await app.api.register();
    const login = (password: string) =>
      app.api.post('/api/auth/login', { email: ada.account['email'], password });
    for (let guess = 0; guess < 5; guess++) expect((await login('wrong')).status).toBe(401);
    const refused = await login(PASSWORD);
    expect([refused.status, codeOf(refused)]).toEqual([429, 'too-many-attempts']);
  });

  it('79: while it is unavailable, codes of a second factor are limited too', async () => {
    app = await start(redis.url);
    const ada = await Secured.of(await app.api.register(), new TestClock());
    const challenge = async () =>
      (await app.api.post('/api/auth/login', { email: ada.email, password: PASSWORD })).body['challenge'];
    const answer = async (code: string) =>
      codeOf(await app.api.post('/api/auth/challenge', { challenge: await challenge(), code }));
    for (let guess = 0; guess < 5; guess++) expect(await answer(ada.codeAt(-9))).toBe('invalid-code');
    expect(await answer(ada.codeAt(1))).toBe('too-many-attempts');
  });

  it('79: password attempts before it stopped still count', async () => {
    await redis.start();
    app = await start(redis.url);
    await untilReady();
    const ada = await app.api.register();
    const login = (password: string) =>
      app.api.post('/api/auth/login', { email: ada.account['email'], password });
    for (let guess = 0; guess < 3; guess++) expect((await login('wrong')).status).toBe(401);
    await redis.kill();
    for (let guess = 0; guess < 2; guess++) expect((await login('wrong')).status).toBe(401);
    expect((await login(PASSWORD)).status).toBe(429);
  });

  it('79: after a restart on its port it is used again, without a restart of the service', async () => {
    app = await start(redis.url);
    expect(await readiness()).toEqual(DEGRADED);
    await redis.start();
    await untilReady();
    const ada = await app.api.register();
    await spend(ada, 1);
    expect(await redis.keys(`hale:limit:user:${ada.userId}`)).toHaveLength(1);
    // A second time, without further effect on the application.
    await redis.kill();
    await spend(ada, 1);
    expect(await readiness()).toEqual(DEGRADED);
    await redis.start();
    await untilReady();
  });

  it('79: when it hangs, the service waits once and not for each request', async () => {
    app = await start(redis.url);
    await untilReady();
    const ada = await app.api.register();
    redis.freeze();
    try {
      await spend(ada, 1);
      expect(await readiness()).toEqual(DEGRADED);
      const [redisClient, begin] = [app.app.get(RedisClient), performance.now()];
      const attempt = redisClient.attempt.bind(redisClient);
      let waits = 0;
      vi.spyOn(redisClient, 'attempt').mockImplementation((work) =>
        attempt((client) => {
          waits += 1;
          return work(client);
        }),
      );
      await spend(ada, LIMIT - 1);
      // One try each second, however long the requests take.
      expect(waits).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - begin) / 1_000));
      expect((await ada.get('/api/users/me')).status).toBe(429);
    } finally {
      redis.thaw();
    }
    await untilReady();
  });

  it('79: a Redis that never answers delays neither the start nor a request, and is used once it answers', async () => {
    const hole = new BlackHole();
    try {
      app = await start(await hole.start());
      expect(await readiness()).toEqual(DEGRADED);
      const ada = await app.api.register();
      await spend(ada, LIMIT);
      expect((await ada.get('/api/users/me')).status).toBe(429);
      expect(
        (await app.api.post('/api/auth/login', { email: `${randomUUID()}@example.org`, password: 'wrong' }))
          .status,
      ).toBe(401);
      hole.openTo(redis.port);
      await untilReady();
      const eve = await app.api.register();
      await spend(eve, 1);
      expect(await redis.keys(`hale:limit:user:${eve.userId}`)).toHaveLength(1);
    } finally {
      hole.stop();
    }
  });

  it('79: a missing Redis does not prevent the start', async () => {
    app = await start(`redis://127.0.0.1:${await freePort()}`);
    const ada = await app.api.register();
    await spend(ada, 2);
    expect(await readiness()).toEqual(DEGRADED);
  });

  it('79: a Redis that refuses commands is treated as unavailable', async () => {
    const client = new Redis(redis.url);
    app = await start(redis.url);
    await untilReady();
    const ada = await app.api.register();
    // Every write is refused from here on.
    await client.config('SET', 'maxmemory', '1');
    try {
      await spend(ada, LIMIT);
      expect((await ada.get('/api/users/me')).status).toBe(429);
      expect(await readiness()).toEqual(DEGRADED);
    } finally {
      await client.config('SET', 'maxmemory', '0');
      client.disconnect();
    }
    await untilReady();
  });

  everyAnswer(answers);
});
