import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { LoginPolicy } from '../../../src/modules/identity/auth/login-limits.js';
import { Redis } from '../../../src/platform/redis/redis.js';
import { Clock } from '../../../src/platform/clock.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import type { TestApp } from '../../support/app.js';
import { DAY } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { SharedApps } from '../../support/shared-apps.js';
import {
  codeOf,
  everyAnswer,
  hasRedis,
  recordAnswers,
  StoppedClock,
  SYNC,
  untilShared,
  WEIGHT,
  weight,
} from './support.js';

const MINUTE = 60_000;

/** The RateLimit header: remaining requests, seconds to the end of the window. */
function budget({ headers }: Answer): { left: number; seconds: number } {
  const [, left, seconds] = /^"default";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
  return { left: Number(left), seconds: Number(seconds) };
}

const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

describe.runIf(hasDatabase())('rate limits', () => {
  const answers = recordAnswers();
  const clock = new StoppedClock();
  /** The default limits, with a clock that the test controls. */
  const apps = new SharedApps(() => ({
    env: { RATE_LIMIT_PER_MINUTE: '100' },
    override: (builder) =>
      builder
        .overrideProvider(Clock)
        .useValue(clock)
        .overrideProvider(LoginPolicy)
        .useValue(new LoginPolicy())
        .overrideProvider(Redis)
        .useClass(PatientRedis),
  }));
  const start = (env: Record<string, string> = {}): Promise<TestApp> => apps.start(env);
  // Every window ends, so each test begins with unused limits.
  beforeEach(() => clock.move(DAY));
  afterAll(() => apps.stop());

  describe('73, 74: 100 a minute', () => {
    it('73, 74: over ten routes the 101st request is refused, other people are not affected, and the next minute starts at zero', async () => {
      const app = await start();
      const ada = await app.api.register();
      const eve = await app.api.register();
      const id = randomUUID();
      const ROUTES: (() => Promise<Answer>)[] = [
        () => ada.get('/api/users/me'),
        () => ada.patch('/api/users/me', { display_name: 'Ada' }),
        () => ada.get('/api/auth/sessions'),
        () => ada.delete(`/api/auth/sessions/${id}`),
        () => ada.get(WEIGHT),
        () => ada.post(WEIGHT, weight),
        () => ada.get(`${WEIGHT}/${id}`),
        () => ada.put(`${WEIGHT}/${id}`, { unit: 'kg' }),
        () => ada.post(SYNC, { entries: [] }),
        () => ada.get(SYNC),
      ];
      for (let number = 1; number <= 100; number++) {
        const answer = await ROUTES[number % ROUTES.length]!();
        expect(answer.status).not.toBe(429);
        expect(answer.headers.get('ratelimit-policy')).toBe('"default";q=100;w=60');
        expect([number, budget(answer)]).toEqual([number, { left: 100 - number, seconds: 60 }]);
      }
      clock.move(12_300);
      for (const route of ROUTES) {
        const refused = await route();
        expect([refused.status, refused.body['type']]).toEqual([
          429,
          'https://iana.org/assignments/http-problem-types#quota-exceeded',
        ]);
        expect(refused.headers.get('ratelimit-policy')).toBe('"default";q=100;w=60');
        expect(budget(refused)).toEqual({ left: 0, seconds: 48 });
        expect(refused.headers.get('retry-after')).toBe('48');
      }
      expect(budget(await eve.get('/api/users/me')).left).toBe(99);
      expect((await app.api.post('/api/auth/refresh', { refresh_token: 'x' })).status).toBe(401);
      clock.move(47_700);
      expect(budget(await ada.get('/api/users/me'))).toEqual({ left: 99, seconds: 60 });
    });

    it('73: all sessions of a person share the limit', async () => {
      const app = await start();
      const phone = await app.api.register();
      const tablet = await phone.login();
      await phone.get('/api/users/me');
      expect(budget(await tablet.get('/api/users/me')).left).toBe(98);
    });

    it('73: refused requests count too, and change nothing', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '3' });
      const ada = await app.api.register();
      expect((await ada.post(WEIGHT, {})).status).toBe(422);
      expect((await ada.get(`${WEIGHT}/undefined`)).status).toBe(422);
      expect((await ada.post(WEIGHT, weight)).status).toBe(201);
      expect((await ada.post(WEIGHT, weight)).status).toBe(429);
      clock.move(MINUTE);
      expect((await ada.get(WEIGHT)).body['pagination'].total).toBe(1);
    });

    it('73: a probe is never refused', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1' });
      for (let probe = 0; probe < 20; probe++) expect((await app.api.get('/health/live')).status).toBe(200);
      expect((await app.api.get('/health/ready')).status).toBe(200);
    });

    it('73: guessing tokens uses up the limit of the address', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '5' });
      const guesses = await Promise.all(
        Array.from({ length: 20 }, (_, guess) => app.api.bearer(`guess.${guess}.x`).get('/api/users/me')),
      );
      expect([count(guesses, 401), count(guesses, 429)]).toEqual([5, 15]);
      expect((await app.api.post('/api/auth/refresh', { refresh_token: 'x' })).status).toBe(429);
    });
  });

  describe('75: headers do not bypass the limit', () => {
    const FORGED = (value: string): Record<string, string>[] => [
      { 'x-forwarded-for': value },
      { 'x-forwarded-for': `${value}, 10.0.0.1` },
      { 'x-real-ip': value },
      { forwarded: `for=${value}` },
      { 'cf-connecting-ip': value },
      { 'true-client-ip': value },
      { 'x-client-ip': value },
      { 'x-cluster-client-ip': value },
      { 'fly-client-ip': value },
      { via: value },
    ];

    it('75: without a trusted proxy no header identifies the client', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '20' });
      const all: Answer[] = [];
      for (let round = 0; round < 3; round++)
        for (const headers of FORGED(`198.51.100.${round}`))
          all.push(await app.api.with(headers).post('/api/auth/refresh', { refresh_token: 'x' }));
      expect([count(all, 401), count(all, 429)]).toEqual([20, 10]);
    });

    it('75: no header identifies a user', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '20' });
      const ada = await app.api.register();
      const all: Answer[] = [];
      for (let round = 0; round < 3; round++)
        for (const headers of FORGED(`198.51.100.${round}`))
          all.push(
            await ada
              .with({ ...headers, 'x-user-id': randomUUID(), 'x-device-id': `device-${round}` })
              .get('/api/users/me'),
          );
      expect([count(all, 200), count(all, 429)]).toEqual([20, 10]);
    });

    it('75: behind one proxy only the address that it added counts', async () => {
      const app = await start({ TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '10' });
      const from = (forwarded: string) =>
        app.api.with({ 'x-forwarded-for': forwarded }).post('/api/auth/refresh', { refresh_token: 'x' });
      const forged: Answer[] = [];
      for (let round = 0; round < 12; round++) forged.push(await from(`198.51.100.${round}, 203.0.113.7`));
      expect([count(forged, 401), count(forged, 429)]).toEqual([10, 2]);
      expect((await from('203.0.113.8')).status).toBe(401);
      expect((await from('203.0.113.7, 203.0.113.9')).status).toBe(401);
      expect((await from('203.0.113.9, 203.0.113.7')).status).toBe(429);
    });

    it('75: behind two proxies the second address from the right counts', async () => {
      const app = await start({ TRUST_PROXY: '2', RATE_LIMIT_PER_MINUTE: '5' });
      const from = (forwarded: string) =>
        app.api.with({ 'x-forwarded-for': forwarded }).post('/api/auth/refresh', { refresh_token: 'x' });
      const forged: Answer[] = [];
      for (let round = 0; round < 7; round++)
        forged.push(await from(`198.51.100.${round}, 203.0.113.7, 10.0.0.${round}`));
      expect([count(forged, 401), count(forged, 429)]).toEqual([5, 2]);
    });

    it('75, 76: clients without a known address share one limit', async () => {
      const app = await start({ TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '10' });
      const ODD = [
        'unknown',
        '_hidden',
        'x'.repeat(200),
        '203.0.113.7:40001',
        '203.0.113.7:40002',
        '999.1.1.1',
        '1.2.3',
        '[2001:db8::1]:1',
        '2001:db8::1::1',
        "' OR 1=1",
        '-',
        'null',
      ];
      const all: Answer[] = [];
      for (const address of ODD)
        all.push(
          await app.api
            .with({ 'x-forwarded-for': address })
            .post('/api/auth/refresh', { refresh_token: 'x' }),
        );
      expect([count(all, 401), count(all, 429)]).toEqual([10, 2]);
    });

    it('75: an unusual address does not fail a sign-in', async () => {
      const app = await start({ TRUST_PROXY: '1' });
      for (const address of [
        'x'.repeat(2_000),
        '\u00e9',
        '203.0.113.7:40001',
        'fe80::1%eth0',
        '2001:db8:0:0:0:0:0:1',
      ])
        expect((await app.api.with({ 'x-forwarded-for': address }).register()).userId).toBeDefined();
    });

    it('76: the addresses of one /64 share a limit, and an IPv4 address is the same in both notations', async () => {
      const app = await start({ TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '5' });
      const from = async (...addresses: string[]): Promise<Answer[]> => {
        const all: Answer[] = [];
        for (const address of addresses)
          all.push(
            await app.api
              .with({ 'x-forwarded-for': address })
              .post('/api/auth/refresh', { refresh_token: 'x' }),
          );
        return all;
      };
      const network = await from(
        '2001:db8:1:2::1',
        '2001:db8:1:2::2',
        '2001:DB8:1:2:ffff::',
        '2001:0db8:0001:0002:0:0:0:5',
        '2001:db8:1:2:a:b:c:d',
        '2001:db8:1:2::7',
      );
      expect([count(network, 401), count(network, 429)]).toEqual([5, 1]);
      expect(count(await from('2001:db8:1:3::1'), 401)).toBe(1);
      const mapped = await from(
        '198.51.100.1',
        '::ffff:198.51.100.1',
        '::FFFF:198.51.100.1',
        '::ffff:c633:6401',
        '0:0:0:0:0:ffff:198.51.100.1',
        '198.51.100.1',
      );
      expect([count(mapped, 401), count(mapped, 429)]).toEqual([5, 1]);
    });
  });

  describe('77: parallel requests', () => {
    it('77: of 300 concurrent requests exactly 100 are served', async () => {
      const app = await start();
      const ada = await app.api.register();
      const all = await Promise.all(Array.from({ length: 300 }, () => ada.get('/api/users/me')));
      expect([count(all, 200), count(all, 429)]).toEqual([100, 200]);
      const left = all.filter(({ status }) => status === 200).map((answer) => budget(answer).left);
      expect(left.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    });

    it.runIf(hasRedis())(
      '77: of 300 at once to two instances on one Redis exactly 100 are served',
      async () => {
        const env = { REDIS_URL: inject('redisUrl') };
        const [left, right] = [await apps.start(env, 'left'), await apps.start(env, 'right')];
        await Promise.all([left, right].map((app) => untilShared(app)));
        const ada = await left.api.register();
        const bob = new (ada.constructor as typeof Api)(right.url, ada.headers, ada.account);
        expect((await bob.get('/api/auth/sessions')).status).toBe(200);
        const all = await Promise.all(
          Array.from({ length: 299 }, (_, index) => (index % 2 ? ada : bob).get('/api/users/me')),
        );
        expect([count(all, 200), count(all, 429)]).toEqual([99, 200]);
      },
    );
  });

  describe('78: passwords', () => {
    const login = (api: Api, email: string, password = PASSWORD): Promise<Answer> =>
      api.post('/api/auth/login', { email, password });
    const statuses = (all: readonly Answer[]): number[] => all.map(({ status }) => status);
    const inTurn = async (times: number, ask: () => Promise<Answer>): Promise<Answer[]> => {
      const all: Answer[] = [];
      for (let time = 0; time < times; time++) all.push(await ask());
      return all;
    };

    it('78: an account allows 10 sign-ins in 15 minutes', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1000' });
      const [ada, eve] = [await app.api.register(), await app.api.register()];
      const email = ada.account['email'] as string;
      expect(statuses(await inTurn(10, () => login(app.api, email)))).toEqual(
        Array.from({ length: 10 }, () => 200),
      );
      const refused = await login(app.api, email.toUpperCase());
      expect([refused.status, codeOf(refused), refused.headers.get('retry-after')]).toEqual([
        429,
        'too-many-attempts',
        '900',
      ]);
      expect((await login(app.api, eve.account['email'])).status).toBe(200);
      expect((await ada.get('/api/users/me')).status).toBe(200);
      clock.move(15 * MINUTE - 1);
      expect((await login(app.api, email)).status).toBe(429);
      clock.move(1);
      expect((await login(app.api, email)).status).toBe(200);
    });

    it('78: after 5 wrong passwords the right one must wait too, on every route that takes it', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1000' });
      const ada = await app.api.register();
      const email = ada.account['email'] as string;
      expect(statuses(await inTurn(5, () => login(app.api, email, 'wrong')))).toEqual([
        401, 401, 401, 401, 401,
      ]);
      expect((await login(app.api, email)).status).toBe(429);
      // Whoever is signed in has tries of their own.
      expect((await ada.post('/api/auth/reauth', { password: PASSWORD })).status).toBe(200);
      clock.move(15 * MINUTE);
      expect((await login(app.api, email)).status).toBe(200);
    });

    it('78: wrong passwords of a signed-in person are counted over their routes', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1000' });
      const ada = await app.api.register();
      const wrong = await inTurn(5, () => ada.post('/api/auth/reauth', { password: 'wrong' }));
      expect(statuses(wrong)).toEqual([403, 403, 403, 403, 403]);
      const change = { current_password: PASSWORD, new_password: 'another long password' };
      expect((await ada.put('/api/users/me/password', change)).status).toBe(429);
      expect((await login(app.api, ada.account['email'])).status).toBe(200);
    });

    it('78: a network address allows 50 attempts an hour, over all accounts', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1000', TRUST_PROXY: '1' });
      const ada = await app.api.register();
      const attacker = app.api.with({ 'x-forwarded-for': '203.0.113.66' });
      const tries = await Promise.all(
        Array.from({ length: 50 }, () => login(attacker, `${randomUUID()}@example.org`)),
      );
      expect(count(tries, 401)).toBe(50);
      const refused = await login(attacker, ada.account['email']);
      expect([refused.status, codeOf(refused), refused.headers.get('retry-after')]).toEqual([
        429,
        'too-many-attempts',
        '3600',
      ]);
      expect(
        (await login(app.api.with({ 'x-forwarded-for': '203.0.113.67' }), ada.account['email'])).status,
      ).toBe(200);
      clock.move(60 * MINUTE);
      expect((await login(attacker, ada.account['email'])).status).toBe(200);
    });

    it('78: of 30 parallel guesses at most 5 are evaluated', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1000' });
      const ada = await app.api.register();
      const all = await Promise.all(
        Array.from({ length: 30 }, () => login(app.api, ada.account['email'], 'wrong')),
      );
      expect([count(all, 401), count(all, 429)]).toEqual([5, 25]);
    });

    it('78: refused attempts do not extend the wait', async () => {
      const app = await start({ RATE_LIMIT_PER_MINUTE: '1000' });
      const ada = await app.api.register();
      await inTurn(5, () => login(app.api, ada.account['email'], 'wrong'));
      for (let minute = 0; minute < 15; minute++) {
        expect((await login(app.api, ada.account['email'])).headers.get('retry-after')).toBe(
          String((15 - minute) * 60),
        );
        clock.move(MINUTE);
      }
      expect((await login(app.api, ada.account['email'])).status).toBe(200);
    });
  });

  everyAnswer(answers);
});

/** Allows for a Redis that a busy machine makes slow: that limits are shared must not depend on the machine. */
class PatientRedis extends Redis {
  protected override readonly patience = 900;
}
