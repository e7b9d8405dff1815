import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Clock } from '../../../src/platform/clock.js';
import { Redis } from '../../../src/platform/redis/redis.js';
import type { Answer, Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { outcome, startTwo, tally, times } from '../auth/support.js';
import { hasRedis, StoppedClock, untilShared } from '../hardening/support.js';

const LIMIT = 10;
const LIMITED = '429 https://iana.org/assignments/http-problem-types#quota-exceeded';
const SERVED = '401 invalid-refresh-token';
const UNKNOWN = '404 not-found';
const env = { TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: String(LIMIT) };

const from = ({ api }: TestApp, address: string): Api => api.with({ 'x-forwarded-for': address });
/** A route of a controller, with a body. */
const refresh = (app: TestApp, address: string): Promise<Answer> =>
  from(app, address).post('/api/auth/refresh', { refresh_token: 'x' });
/** A route that no controller answers. */
const miss = (app: TestApp, address: string): Promise<Answer> => from(app, address).get('/no/such/route');
const left = ({ headers }: Answer): string => headers.get('ratelimit') ?? 'none';

let nextSite = 0;
/** The first three groups of an unused /48. */
const newSite = (): string => `2001:db8:${(nextSite += 1).toString(16)}`;

/** Addresses that differ in one network, and how many requests they share. */
const networks: [string, (site: string, index: number) => string, number][] = [
  ['/64', (site, index) => `${site}:1::${(index + 1).toString(16)}`, LIMIT],
  ['/56', (site, index) => `${site}:${(0x1200 + (index % 256)).toString(16)}::1`, 4 * LIMIT],
  ['/48', (site, index) => `${site}:${(index * 256).toString(16)}::1`, 16 * LIMIT],
];

describe.runIf(hasDatabase())('76: the budgets of IPv6 networks', () => {
  let app: TestApp;
  const clock = new StoppedClock();
  beforeAll(async () => {
    app = await TestApp.start({
      env,
      override: (builder) => builder.overrideProvider(Clock).useValue(clock),
    });
  });
  // Every window ends.
  beforeEach(() => clock.move(MINUTE));
  afterAll(() => app.stop());

  it.each(networks)('76: the addresses of a %s share one, also for requests at once', async (_, at, most) => {
    for (const [ask, served] of [
      [refresh, SERVED],
      [miss, UNKNOWN],
    ] as const) {
      const site = newSite();
      const burst = await Promise.all(times(most + 15, (index) => ask(app, at(site, index))));
      expect(tally(burst)).toEqual({ [served]: most, [LIMITED]: 15 });
      clock.move(MINUTE);
      expect(outcome(await ask(app, at(site, 0)))).toBe(served);
    }
  });

  it('76: a network that is refused uses up nothing of the larger ones', async () => {
    const site = newSite();
    await Promise.all(times(20 * LIMIT, () => refresh(app, `${site}:1::1`)));
    // The /56 has three more times as many, and the /48 fifteen.
    const near = await Promise.all(times(3 * LIMIT, (index) => refresh(app, `${site}:${index + 2}::1`)));
    expect(tally(near)).toEqual({ [SERVED]: 3 * LIMIT });
    expect(outcome(await refresh(app, `${site}:ff::1`))).toBe(LIMITED);
    expect(outcome(await refresh(app, `${site}:100::1`))).toBe(SERVED);
  });

  it('73: the headers show the budget of which the least is left', async () => {
    const site = newSite();
    expect(left(await miss(app, `${site}:1::1`))).toBe(`"default";r=${LIMIT - 1};t=60`);
    for (let index = 0; index < 4 * LIMIT - 5; index++) await miss(app, `${site}:${(index % 200) + 2}::1`);
    expect(left(await miss(app, `${site}:fe::1`))).toBe('"default";r=3;t=60');
  });

  it('76: other sites, IPv4 addresses and mapped ones have nothing to do with it', async () => {
    await Promise.all(times(17 * LIMIT, (index) => refresh(app, networks[2]![1](newSite(), index))));
    const neighbours = times(6 * LIMIT, (index) => `198.51.100.${index}`);
    const answers = await Promise.all(neighbours.map((address) => refresh(app, address)));
    expect(tally(answers)).toEqual({ [SERVED]: neighbours.length });
    const mapped = await Promise.all(
      times(2 * LIMIT, (index) => refresh(app, index % 2 ? '198.51.100.7' : '::ffff:198.51.100.7')),
    );
    expect(tally(mapped)).toEqual({ [SERVED]: LIMIT - 1, [LIMITED]: LIMIT + 1 });
  });

  it('73: a signed-in person has a budget of their own in a network that has none left', async () => {
    const site = newSite();
    const ada = await app.api.register();
    await Promise.all(times(5 * LIMIT, (index) => refresh(app, networks[1]![1](site, index))));
    const person = ada.with({ 'x-forwarded-for': `${site}:12aa::1` });
    expect((await person.get('/api/users/me')).status).toBe(200);
  });
});

describe.runIf(hasDatabase() && hasRedis())('77: the budgets of IPv6 networks in Redis', () => {
  let apps: readonly [TestApp, TestApp];
  beforeAll(async () => {
    apps = await startTwo({ env: { ...env, REDIS_URL: inject('redisUrl') } });
    for (const app of apps) await untilShared(app);
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.stop();
  });

  it('77: two instances share them, and a request costs one round trip', async () => {
    const asked = apps.map(({ app }) => vi.spyOn(app.get(Redis), 'attempt'));
    const site = `2001:db8:${(0x8000 + Math.floor(Math.random() * 0x7fff)).toString(16)}`;
    const [, at, most] = networks[1]!;
    const burst = await Promise.all(times(most + 15, (index) => refresh(apps[index % 2]!, at(site, index))));
    expect(tally(burst), site).toEqual({ [SERVED]: most, [LIMITED]: 15 });
    const trips = asked.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    expect(trips).toBeLessThanOrEqual(burst.length);
    expect(trips).toBeGreaterThanOrEqual(most);
    for (const spy of asked) spy.mockRestore();
  });
});
