import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Problem } from '../../../src/kernel/http/problem.js';
import { Passwords } from '../../../src/modules/auth/passwords.js';
import { type Answer, type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { all, login, ME, newEmail, outcome, realPolicy, startTwo, tally, times } from './support.js';

const WRONG = 'not the password of anybody';
const WINDOW = 15 * MINUTE;
const LOCKED = '429 too-many-attempts';

/** Counts the passwords that are really looked at. */
const watch = (app: TestApp) => vi.spyOn(app.app.get(Passwords), 'matches');

let nextAddress = 0;
/** A client from an address that nobody has used: what is counted by address starts anew. */
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

describe.runIf(hasDatabase())('limits on trying passwords', () => {
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

  it('5 per account: from the 6th wrong password on 429, from wherever they come', async () => {
    const answers = await wrongFromAnywhere(20);
    expect(answers.slice(0, 5).map(outcome)).toEqual(times(5, () => '401 invalid-credentials'));
    for (const answer of answers.slice(5)) expectLocked(answer);
    expectLocked(await login(elsewhere(app), email));
    // 105: once for each of the two limits, however often.
    const { body } = await person.get('/api/users/me/access-log');
    const actions = body['data'].map(({ action }: { action: string }) => action);
    expect(actions.slice(0, 7)).toEqual([
      ...times(2, () => 'session.limited'),
      ...times(5, () => 'session.refused'),
    ]);
  });

  it('5 per account: other accounts are not affected', async () => {
    await wrongFromAnywhere(6);
    const other = await elsewhere(app).register();
    expect(outcome(await login(elsewhere(app), other.account['email']))).toBe('200');
  });

  it('5 per account: the signed-in devices of a locked account go on', async () => {
    await wrongFromAnywhere(6);
    expect(outcome(await person.get(ME))).toBe('200');
    const { refresh_token } = person.account;
    expect(outcome(await app.api.post('/api/auth/refresh', { refresh_token }))).toBe('200');
  });

  it('5 per account: another way to write the address is the same account', async () => {
    const spellings = [email.toUpperCase(), email, email.replace('e', 'E'), email.toUpperCase(), email];
    for (const spelling of spellings) await login(elsewhere(app), spelling, WRONG);
    for (const spelling of new Set(spellings)) expectLocked(await login(elsewhere(app), spelling));
  });

  it('5 per account: an unknown address is limited alike', async () => {
    const nobody = newEmail();
    const answers = await wrongFromAnywhere(8, nobody);
    expect(tally(answers)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 3 });
  });

  it('5 per account: the right password works again once the window has passed, to the second', async () => {
    await wrongFromAnywhere(6);
    const refused = await login(elsewhere(app), email);
    const seconds = Number(refused.headers.get('retry-after'));
    clock.advance((seconds - 30) * SECOND);
    expectLocked(await login(elsewhere(app), email));
    clock.advance(30 * SECOND);
    expect(outcome(await login(elsewhere(app), email))).toBe('200');
  });

  it('5 per account: trying during the lock does not make it longer', async () => {
    await wrongFromAnywhere(5);
    for (let i = 0; i < 14; i++) {
      clock.advance(MINUTE);
      expectLocked(await login(elsewhere(app), email));
    }
    clock.advance(MINUTE);
    expect(outcome(await login(elsewhere(app), email))).toBe('200');
  });

  it('5 per account: right passwords neither count nor wipe out the wrong ones', async () => {
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

  it('5 per account: all tries are limited as well, right ones included', async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < 12; i++) answers.push(await login(elsewhere(app), email));
    expect(tally(answers)).toEqual({ 200: 10, [LOCKED]: 2 });
  });

  it('5 per account: a try that could not be evaluated does not count', async () => {
    const broken = watch(app).mockRejectedValue(new Problem('busy', { retryAfter: 2 }));
    for (let i = 0; i < 5; i++) expect(outcome(await login(elsewhere(app), email))).toBe('503 busy');
    broken.mockRestore();
    expect(tally(await wrongFromAnywhere(5))).toEqual({ '401 invalid-credentials': 5 });
  });

  it('5 per address: one address is limited over all accounts', async () => {
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

  it('6 atomic attempts: of 100 wrong passwords in parallel at most 5 are looked at', async () => {
    const evaluated = watch(app);
    const clients = times(100, () => elsewhere(app));
    const answers = await Promise.all(clients.map((client) => login(client, email, WRONG)));
    expect(tally(answers)).toEqual({ '401 invalid-credentials': 5, [LOCKED]: 95 });
    for (const answer of answers.filter(({ status }) => status === 429)) expectLocked(answer);
    expect(evaluated).toHaveBeenCalledTimes(5);
    evaluated.mockRestore();
  });

  it('6 atomic attempts: also from one address, and over every path at once', async () => {
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
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(95);
    expect(evaluated).toHaveBeenCalledTimes(5);
    evaluated.mockRestore();
  });

  const paths: Record<string, (client: Api, password: string) => Promise<Answer>> = {
    'POST /api/auth/login': (client, password) => login(client, email, password),
    'PUT /api/users/me/password': (client, password) =>
      client.put(`${ME}/password`, { current_password: password, new_password: 'another good passphrase' }),
    'POST /api/auth/reauth': (client, password) => client.post(REAUTH, { password }),
  };
  const signedInElsewhere = (): Api => elsewhere(app).bearer(person.account['access_token']);

  it.each(Object.keys(paths))('7 the lock covers every path: earned at %s', async (path) => {
    for (let i = 0; i < 5; i++)
      expect([401, 403]).toContain((await paths[path]!(signedInElsewhere(), WRONG)).status);
    for (const [other, attempt] of Object.entries(paths)) {
      const answer = await attempt(signedInElsewhere(), PASSWORD);
      expect(outcome(answer), other).toBe(LOCKED);
      expectLocked(answer);
    }
    expect(outcome(await person.get(ME)), 'nobody was signed out').toBe('200');
    clock.advance(WINDOW);
    expect(outcome(await login(elsewhere(app), email)), 'nothing was changed').toBe('200');
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
      for (const { api } of apps)
        await vi.waitUntil(async () => (await api.get('/health/ready')).body['degraded'].length === 0, {
          timeout: 10_000,
        });
    });
    afterAll(async () => {
      for (const app of apps.toReversed()) await app.stop();
    });

    it('6 atomic attempts: a burst over both instances is looked at 5 times in all', async () => {
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

    it('5 per account: what one instance counted, the other knows; right passwords are given back', async () => {
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
