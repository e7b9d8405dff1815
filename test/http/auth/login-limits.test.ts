import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Problem } from '../../../src/kernel/http/problem.js';
import { LoginPolicy } from '../../../src/modules/identity/auth/login-limits.js';
import { Passwords } from '../../../src/modules/identity/auth/passwords.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { untilShared } from '../hardening/support.js';
import { all, login, ME, newEmail, outcome, realPolicy, startTwo, tally, times } from './support.js';

const WRONG = 'not the password of anybody';
const WINDOW = 15 * MINUTE;
const LOCKED = '429 too-many-attempts';

/** Counts the passwords that are actually checked. */
const watch = (app: TestApp) => vi.spyOn(app.app.get(Passwords), 'matches');

let nextAddress = 0;
/** A client with an unused network address, so that its counters start at zero. */
const elsewhere = (app: TestApp): Api => {
  nextAddress += 1;
  return app.api.with({
    'x-forwarded-for': `198.${18 + (nextAddress >> 16)}.${(nextAddress >> 8) & 255}.${nextAddress & 255}`,
  });
};

function expectLocked(answer: Answer): void {
  expect(outcome(answer)).toBe(LOCKED);
  expect(answer.body['type']).toMatch(/\/problems\/too-many-attempts$/);
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds, 'no longer than the window: nobody is locked out for good').toBeLessThanOrEqual(
    WINDOW / SECOND,
  );
}

const REAUTH = '/api/auth/reauth';

describe.runIf(hasDatabase())('limits on password attempts', () => {
  let app: TestApp;
  const clock = new TestClock();
  let person: Api;
  let email: string;
  beforeAll(async () => {
    app = await TestApp.start({ env: { TRUST_PROXY: '1' }, override: all(realPolicy, clock.install) });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    person = await elsewhere(app).register();
    email = person.account['email'];
  });

  const wrongFromAnywhere = async (count: number, of = email): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let i = 0; i < count; i++) answers.push(await login(elsewhere(app), of, WRONG));
    return answers;
  };

  it('5 per account: the 6th wrong password and all later ones get 429, from any address', async () => {
    const answers = await wrongFromAnywhere(20);
    expect(answers.slice(0, 5).map(outcome)).toEqual(times(5, () => '401 invalid-credentials'));
    for (const answer of answers.slice(5)) expectLocked(answer);
    expectLocked(await login(elsewhere(app), email));
    // 105: one entry for each of the two limits and one for the wrong passwords, however many attempts there are.
    const { body } = await person.get('/api/users/me/access-log');
    const actions = body['data'].map(({ action }: { action: string }) => action);
    expect(actions).toEqual([
      ...times(2, () => 'session.limited'),
      'session.refused',
      'session.opened',
      'account.created',
    ]);
  });

  it('50 per network address: attempts at a locked account are not checked, and hold nobody in the network back', async () => {
    const office = elsewhere(app);
    const colleague = await elsewhere(app).register();
    const attempts = [
      ...(await wrongFromAnywhere(5)),
      ...(await Promise.all(times(60, () => login(office, email)))),
    ];
    expect(tally(attempts)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 60 });
    expect(outcome(await login(office, colleague.account['email']))).toBe('200');
  });

  it('5 per account: other accounts are not affected', async () => {
    await wrongFromAnywhere(6);
    const other = await elsewhere(app).register();
    expect(outcome(await login(elsewhere(app), other.account['email']))).toBe('200');
  });

  it('5 per account: signed-in devices of a locked account still work', async () => {
    await wrongFromAnywhere(6);
    expect(outcome(await person.get(ME))).toBe('200');
    const { refresh_token } = person.account;
    expect(outcome(await app.api.post('/api/auth/refresh', { refresh_token }))).toBe('200');
  });

  it('5 per account: another spelling of the address counts for the same account', async () => {
    const spellings = [email.toUpperCase(), email, email.replace('e', 'E'), email.toUpperCase(), email];
    for (const spelling of spellings) await login(elsewhere(app), spelling, WRONG);
    for (const spelling of new Set(spellings)) expectLocked(await login(elsewhere(app), spelling));
  });

  it('5 per account: an unknown address has the same limit', async () => {
    const nobody = newEmail();
    const answers = await wrongFromAnywhere(8, nobody);
    expect(tally(answers)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 3 });
  });

  it('5 per account: the right password works again after the window, to the second', async () => {
    await wrongFromAnywhere(6);
    const refused = await login(elsewhere(app), email);
    const seconds = Number(refused.headers.get('retry-after'));
    clock.advance((seconds - 30) * SECOND);
    expectLocked(await login(elsewhere(app), email));
    clock.advance(30 * SECOND);
    expect(outcome(await login(elsewhere(app), email))).toBe('200');
  });

  it('5 per account: attempts during the lock do not extend it', async () => {
    await wrongFromAnywhere(5);
    for (let i = 0; i < 14; i++) {
      clock.advance(MINUTE);
      expectLocked(await login(elsewhere(app), email));
    }
    clock.advance(MINUTE);
    expect(outcome(await login(elsewhere(app), email))).toBe('200');
  });

  it('5 per account: right passwords neither count as failures nor reset them', async () => {
    const evaluated = watch(app);
    const tries = [WRONG, WRONG, PASSWORD, WRONG, PASSWORD, WRONG, PASSWORD, WRONG];
    const outcomes: string[] = [];
    for (const password of tries) outcomes.push(outcome(await login(elsewhere(app), email, password)));
    expect(outcomes).toEqual(
      tries.map((password) => (password === PASSWORD ? '200' : '401 invalid-credentials')),
    );
    expectLocked(await login(elsewhere(app), email, WRONG));
    expectLocked(await login(elsewhere(app), email));
    expect(evaluated).toHaveBeenCalledTimes(tries.length);
    evaluated.mockRestore();
  });

  it('5 per account: all attempts are limited too, including right ones', async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < 12; i++) answers.push(await login(elsewhere(app), email));
    expect(tally(answers)).toEqual({ 200: 10, [LOCKED]: 2 });
  });

  it('5 per account: an attempt that could not be evaluated does not count', async () => {
    const broken = watch(app).mockRejectedValue(new Problem('busy', { retryAfter: 2 }));
    for (let i = 0; i < 5; i++) expect(outcome(await login(elsewhere(app), email))).toBe('503 busy');
    broken.mockRestore();
    expect(tally(await wrongFromAnywhere(5))).toEqual({ '401 invalid-credentials': 5 });
  });

  it('5 per address: one network address is limited over all accounts', async () => {
    const [here, evaluated] = [elsewhere(app), watch(app)];
    const answers = await Promise.all(times(60, () => login(here, newEmail(), WRONG)));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    expect(evaluated.mock.calls.length).toBeLessThanOrEqual(50);
    evaluated.mockRestore();
    expect(outcome(await login(elsewhere(app), email))).toBe('200');
  });

  it('5 per address: only the hop that the proxy added counts', async () => {
    const spoofed = (i: number): Api => app.api.with({ 'x-forwarded-for': `203.0.113.${i}, 198.51.100.77` });
    const answers = await Promise.all(times(60, (i) => login(spoofed(i), newEmail(), WRONG)));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
  });

  it('6 atomic attempts: of 100 concurrent wrong passwords at most 5 are checked', async () => {
    const evaluated = watch(app);
    const clients = times(100, () => elsewhere(app));
    const answers = await Promise.all(clients.map((client) => login(client, email, WRONG)));
    expect(tally(answers)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 95 });
    for (const answer of answers.filter(({ status }) => status === 429)) expectLocked(answer);
    expect(evaluated).toHaveBeenCalledTimes(5);
    evaluated.mockRestore();
  });

  it('6 atomic attempts: also from one address, and over all routes at once: 5 anonymous and 5 signed in', async () => {
    const [here, evaluated] = [elsewhere(app), watch(app)];
    const signedIn = here.bearer(person.account['access_token']);
    const answers = await Promise.all(
      times(100, (i) =>
        i % 3 === 0
          ? login(here, email, WRONG)
          : i % 3 === 1
            ? signedIn.post(REAUTH, { password: WRONG })
            : signedIn.put(`${ME}/password`, {
                current_password: WRONG,
                new_password: 'another good passphrase',
              }),
      ),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(90);
    expect(evaluated).toHaveBeenCalledTimes(10);
    evaluated.mockRestore();
  });

  /** The operations of a signed-in person that check the password. */
  const paths: Record<string, (client: Api, password: string) => Promise<Answer>> = {
    'PUT /api/users/me/password': (client, password) =>
      client.put(`${ME}/password`, { current_password: password, new_password: 'another good passphrase' }),
    'POST /api/auth/reauth': (client, password) => client.post(REAUTH, { password }),
  };
  const signedInElsewhere = (): Api => elsewhere(app).bearer(person.account['access_token']);

  it('7 nobody locks the owner out: strangers use up only what strangers have', async () => {
    const phone = { device_id: 'a1f4c8e2-phone' };
    const logIn = (password: string, extra: object = {}, from = elsewhere(app)) =>
      from.post('/api/auth/login', { email, password, ...extra });
    expect(outcome(await logIn(PASSWORD, phone))).toBe('200');
    await wrongFromAnywhere(20);
    expectLocked(await login(elsewhere(app), email));
    expectLocked(await logIn(PASSWORD, { device_id: 'a-device-of-a-stranger' }));
    expect(outcome(await logIn(PASSWORD, phone))).toBe('200');
    expect(outcome(await paths['POST /api/auth/reauth']!(signedInElsewhere(), PASSWORD))).toBe('200');
    expect(outcome(await paths['PUT /api/users/me/password']!(signedInElsewhere(), PASSWORD))).toBe('204');
  });

  it('7 a known device has five tries of its own, not more, also in a burst', async () => {
    const phone = { device_id: 'a1f4c8e2-phone' };
    const logIn = (password: string, of = email) =>
      elsewhere(app).post('/api/auth/login', { email: of, password, ...phone });
    expect(outcome(await logIn(PASSWORD))).toBe('200');
    const answers = await Promise.all(times(30, () => logIn(WRONG)));
    expect(tally(answers)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 25 });
    expectLocked(await logIn(PASSWORD));
    // It is known to this account only.
    const other = (await elsewhere(app).register()).account['email'] as string;
    await wrongFromAnywhere(5, other);
    expectLocked(await logIn(PASSWORD, other));
  });

  it('5 per address: right passwords do not count, so people who share an address do not hold each other up', async () => {
    const office = elsewhere(app);
    const people = await Promise.all(times(6, () => elsewhere(app).register()));
    for (const [i, each] of times(54, (i) => [i, people[i % 6]!] as const))
      expect([i, outcome(await login(office, each.account['email']))]).toEqual([i, '200']);
  });

  it.each(Object.keys(paths))(
    '7 the lock covers every path of a signed-in person: caused at %s',
    async (path) => {
      for (let i = 0; i < 5; i++)
        expect(outcome(await paths[path]!(signedInElsewhere(), WRONG))).toBe('403 password-incorrect');
      for (const [other, attempt] of Object.entries(paths)) {
        const answer = await attempt(signedInElsewhere(), PASSWORD);
        expect(outcome(answer), other).toBe(LOCKED);
        expectLocked(answer);
      }
      expect(outcome(await person.get(ME)), 'nobody was signed out').toBe('200');
      expect(outcome(await login(elsewhere(app), email)), 'nothing was changed').toBe('200');
    },
  );
});

describe.runIf(hasDatabase())('limits on password attempts from IPv6', () => {
  let app: TestApp;
  beforeAll(async () => {
    const many = { most: 1_000, windowMs: WINDOW };
    const policy: LoginPolicy = { failures: many, account: many, address: { most: 2, windowMs: WINDOW } };
    app = await TestApp.start({
      env: { TRUST_PROXY: '1' },
      override: (builder) => builder.overrideProvider(LoginPolicy).useValue(policy),
    });
  });
  afterAll(() => app.stop());

  it.each([
    ['a /64', (i: number) => `2001:db8:1:1::${(i + 1).toString(16)}`, 2],
    ['a /56', (i: number) => `2001:db8:2:${i.toString(16)}::1`, 8],
    ['a /48', (i: number) => `2001:db8:3:${(i * 256).toString(16)}::1`, 32],
  ])('5 per address: somebody with %s has a limited number of tries', async (_, addressOf, most) => {
    const tries = times(most + 10, (i) =>
      login(app.api.with({ 'x-forwarded-for': addressOf(i) }), newEmail(), WRONG),
    );
    expect(tally(await Promise.all(tries))).toEqual({ '401 invalid-credentials': most, [LOCKED]: 10 });
  });
});

describe.runIf(hasDatabase() && inject('redisUrl') !== '')(
  'limits on trying passwords, two instances and Redis',
  () => {
    let apps: readonly [TestApp, TestApp];
    beforeAll(async () => {
      apps = await startTwo({
        env: { TRUST_PROXY: '1', REDIS_URL: inject('redisUrl') },
        override: realPolicy,
      });
      for (const app of apps) await untilShared(app);
    });
    afterAll(async () => {
      for (const app of apps.toReversed()) await app.stop();
    });

    it('6 atomic attempts: of a burst over both instances 5 are checked in total', async () => {
      const person = await elsewhere(apps[0]).register();
      const { email } = person.account;
      const evaluated = apps.map(watch);
      const clients = times(100, (i) => elsewhere(apps[i % 2]!));
      const answers = await Promise.all(clients.map((client) => login(client, email, WRONG)));
      expect(tally(answers)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 95 });
      for (const answer of answers.filter(({ status }) => status === 429)) expectLocked(answer);
      expect(evaluated.reduce((sum, spy) => sum + spy.mock.calls.length, 0)).toBe(5);
      for (const spy of evaluated) spy.mockRestore();
      for (const app of apps) expectLocked(await login(elsewhere(app), email));
    });

    it('5 per account: instances share the counters; right passwords return their attempt', async () => {
      const person = await elsewhere(apps[0]).register();
      const { email } = person.account;
      const tries = [WRONG, PASSWORD, WRONG, WRONG, PASSWORD, WRONG, WRONG];
      for (const [i, password] of tries.entries())
        expect(outcome(await login(elsewhere(apps[i % 2]!), email, password))).toBe(
          password === WRONG ? '401 invalid-credentials' : '200',
        );
      for (const app of apps) expectLocked(await login(elsewhere(app), email));
    });
  },
);
