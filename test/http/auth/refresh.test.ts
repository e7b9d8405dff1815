import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Transaction } from '../../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { PASSWORD } from '../../support/api.js';
import { SECRET, TestApp } from '../../support/app.js';
import { DAY, HOUR, MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { SharedApps } from '../../support/shared-apps.js';
import {
  all,
  base64url,
  claimsOf,
  forgeRefresh,
  keyOf,
  Log,
  LOGOUT,
  ME,
  outcome,
  Phone,
  REFRESH,
  REUSE_INTERVAL,
  sessionOf,
  tally,
  times,
  TRUST,
} from './support.js';

const INVALID = '401 invalid-refresh-token';
const REUSED = '401 token-reused';
const REVOKED = '401 session-revoked';
const EXPIRED = '401 session-expired';

describe.runIf(hasDatabase())('refresh tokens', () => {
  let app: TestApp;
  const clock = new TestClock();
  const log = new Log();
  let phone: Phone;
  let other: Phone;
  beforeAll(async () => {
    app = await TestApp.start({ env: { LOG_LEVEL: 'info' }, override: all(clock.install, log.install) });
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    const registered = await Phone.register(app.api);
    phone = registered;
    other = await Phone.login(registered.person);
  });

  const rotate = async (device: Phone): Promise<string> => outcome(await device.rotate());
  const present = async (token: string): Promise<string> => outcome(await phone.present(token));
  const use = async (device: Phone): Promise<string> => outcome(await device.use());

  /** The session has ended for everyone with one of its tokens; the person's other device is not affected. */
  async function expectOver(...holders: Phone[]): Promise<void> {
    clock.advance(TRUST);
    for (const holder of holders) {
      expect(await use(holder)).toBe(REVOKED);
      expect(await present(holder.token)).toBe(REVOKED);
    }
    expect(await use(other)).toBe('200');
    expect(await rotate(other)).toBe('200');
  }

  it('32 rotation: each token gives the next one, and the pair works', async () => {
    const seen = new Set([phone.token]);
    for (let round = 1; round <= 5; round++) {
      const answer = await phone.rotate();
      expect(outcome(answer)).toBe('200');
      expect(Object.keys(answer.body).toSorted()).toEqual([
        'access_token',
        'expires_in',
        'refresh_token',
        'token_type',
      ]);
      expect([answer.body['token_type'], answer.body['expires_in']]).toEqual(['Bearer', 900]);
      expect(claimsOf(phone.access)['rtc']).toBe(round);
      expect(await use(phone)).toBe('200');
      seen.add(phone.token);
      clock.advance(14 * MINUTE);
    }
    expect(seen.size).toBe(6);
    expect([...seen].every((token) => sessionOf(token) === sessionOf(phone.token))).toBe(true);
  });

  it('32 rotation: the database contains no token', async () => {
    await phone.rotate();
    const rows = JSON.stringify(await app.db.rows('SELECT * FROM sessions'));
    for (const token of [phone.token, phone.access, phone.token.split('.')[3]!, phone.access.split('.')[2]!])
      expect(rows).not.toContain(token);
  });

  it('33 lost response: the old token returns the issued successor, at any later time', async () => {
    const lost = await phone.present();
    clock.advance(7 * DAY);
    const repeated = await phone.rotate();
    expect(outcome(repeated)).toBe('200');
    expect(phone.token).toBe(lost.body['refresh_token']);
    expect(await use(phone)).toBe('200');
    clock.advance(HOUR);
    expect(await rotate(phone)).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('33 lost response: five in a row', async () => {
    const successors = new Set<string>();
    for (let lost = 0; lost < 5; lost++) {
      const answer = await phone.present();
      expect(outcome(answer)).toBe('200');
      successors.add(answer.body['refresh_token']);
      clock.advance(100 * REUSE_INTERVAL);
    }
    expect(await rotate(phone)).toBe('200');
    expect([...successors]).toEqual([phone.token]);
    clock.advance(HOUR);
    expect(await rotate(phone)).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('33 lost response: one in each of five rotations, without any use of the access token', async () => {
    for (let round = 0; round < 5; round++) {
      const lost = await phone.present();
      clock.advance(2 * REUSE_INTERVAL);
      expect(await rotate(phone)).toBe('200');
      expect(phone.token).toBe(lost.body['refresh_token']);
      clock.advance(14 * MINUTE);
    }
    expect(await use(phone)).toBe('200');
  });

  it('33 lost response: an old access token, still in use, does not confirm the new pair', async () => {
    await phone.rotate();
    expect(await use(phone)).toBe('200');
    await phone.present();
    for (let i = 0; i < 3; i++) {
      clock.advance(MINUTE);
      expect(await use(phone), 'the access token of before').toBe('200');
    }
    expect(await rotate(phone)).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('33 lost response: nor does an access token of a fresh proof', async () => {
    await phone.present();
    const { status, body } = await phone.anonymous
      .bearer(phone.access)
      .post('/api/auth/reauth', { password: PASSWORD });
    expect(status).toBe(200);
    expect(outcome(await phone.anonymous.bearer(body['access_token']).get(ME))).toBe('200');
    clock.advance(REUSE_INTERVAL + SECOND);
    expect(await rotate(phone)).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('33 lost response: nor does one that is first used after the loss', async () => {
    expect(await use(phone)).toBe('200');
    await phone.rotate();
    await phone.present();
    expect(await use(phone), 'the access token of before').toBe('200');
    clock.advance(2 * REUSE_INTERVAL);
    expect(await use(phone)).toBe('200');
    expect(await rotate(phone)).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('33 lost response: an internal error neither ends the session nor skips a token', async () => {
    const commit = vi.spyOn(app.app.get(UnitOfWork) as unknown as { commit: () => Promise<void> }, 'commit');
    commit.mockRejectedValueOnce(new Error('a defect'));
    expect(await rotate(phone)).toBe('500 internal');
    expect(await use(phone)).toBe('200');
    commit.mockRestore();
    expect(await rotate(phone)).toBe('200');
    expect(claimsOf(phone.access)['rtc']).toBe(1);
  });

  it('33 lost response: the database disconnected during the commit, and the result is unknown', async () => {
    const commit = vi.spyOn(
      app.app.get(UnitOfWork) as unknown as { commit: (transaction: Transaction) => Promise<void> },
      'commit',
    );
    commit.mockImplementationOnce(async ({ statements }) => {
      await statements.execute('COMMIT', []);
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    });
    const answer = await phone.rotate();
    expect(outcome(answer)).toBe('503 unavailable');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    commit.mockRestore();
    clock.advance(100 * REUSE_INTERVAL);
    expect(await rotate(phone)).toBe('200');
    expect(claimsOf(phone.access)['rtc']).toBe(1);
    expect(await use(phone)).toBe('200');
  });

  it('34 concurrency: 20 concurrent requests get one successor, and the session stays open', async () => {
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(times(20, () => phone.present()));
      expect(tally(answers)).toEqual({ 200: 20 });
      expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1);
      for (const { body } of answers)
        expect(outcome(await app.api.bearer(body['access_token']).get('/api/users/me'))).toBe('200');
      phone.token = answers[0]!.body['refresh_token'];
      clock.advance(MINUTE);
    }
    expect(await rotate(phone)).toBe('200');
    expect(await rotate(other)).toBe('200');
  });

  it('34 concurrency: requests with the new access token while others still refresh', async () => {
    const first = await phone.present();
    const fresh = app.api.bearer(first.body['access_token']);
    const answers = await Promise.all(
      times(20, (i) => (i % 2 ? phone.present() : fresh.get('/api/users/me'))),
    );
    expect(tally(answers)).toEqual({ 200: 20 });
    expect(await rotate(phone)).toBe('200');
    expect(phone.token).toBe(first.body['refresh_token']);
  });

  it('35 theft: a token from two rotations ago ends its session and no other', async () => {
    const [stolen, before] = [phone.token, log.lines.length];
    for (let round = 0; round < 2; round++) {
      await phone.rotate();
      expect(await use(phone)).toBe('200');
    }
    clock.advance(REUSE_INTERVAL + SECOND);
    expect(await present(stolen)).toBe(REUSED);
    expect(await use(phone), 'at once').toBe(REVOKED);
    await expectOver(phone);
    const events = log.lines.slice(before).filter(({ event }) => event === 'refresh_reuse');
    expect(events).toEqual([
      expect.objectContaining({
        user_id: expect.any(String),
        session_id: sessionOf(stolen),
        msg: 'security',
      }),
    ]);
    expect(JSON.stringify(log.lines)).not.toContain(stolen.split('.')[3]);
  });

  it('35 theft: also within the interval: a token older than one rotation is never a lost response', async () => {
    const stolen = phone.token;
    await phone.rotate();
    await phone.rotate();
    expect(await present(stolen)).toBe(REUSED);
    await expectOver(phone);
  });

  it('35 theft: the previous token, when the current one is in use and the interval has passed', async () => {
    const stolen = phone.token;
    await phone.rotate();
    expect(await use(phone)).toBe('200');
    clock.advance(REUSE_INTERVAL + SECOND);
    expect(await present(stolen)).toBe(REUSED);
    await expectOver(phone);
  });

  it('35 theft: 20 concurrent replays end the session once', async () => {
    const [stolen, before] = [phone.token, log.lines.length];
    await phone.rotate();
    await phone.rotate();
    const answers = await Promise.all(times(20, () => phone.present(stolen)));
    expect(tally(answers)).toEqual({ [REUSED]: 1, [REVOKED]: 19 });
    expect(log.lines.slice(before).filter(({ event }) => event === 'refresh_reuse')).toHaveLength(1);
    await expectOver(phone);
  });

  it('36 grace: within the interval the thief gets the same successor, not a second chain', async () => {
    const thief = phone.copy();
    await phone.rotate();
    expect(await use(phone)).toBe('200');
    clock.advance(REUSE_INTERVAL - SECOND);
    expect(await rotate(thief)).toBe('200');
    expect(thief.token).toBe(phone.token);
  });

  it.each(['R0', 'R1'])('36 grace: after that, use of %s by a thief is detected', async (which) => {
    const thief = phone.copy();
    const [r0] = [thief.token];
    await phone.rotate();
    await rotate(thief);
    expect(await use(phone)).toBe('200');
    clock.advance(14 * MINUTE);
    expect(await rotate(phone)).toBe('200');
    expect(await use(phone)).toBe('200');
    clock.advance(REUSE_INTERVAL + SECOND);
    expect(await present(which === 'R0' ? r0 : thief.token)).toBe(REUSED);
    await expectOver(phone, thief);
  });

  it.each([
    ['the owner first', true, 0],
    ['the thief first', false, 0],
    ['the owner first, the thief within the interval in round 1', true, 1],
    ['the thief first, the owner within the interval in round 1', false, 1],
  ])(
    '36 grace: alternating use by owner and thief, %s, is detected by round 2',
    async (_who, ownerFirst, crossings) => {
      const thief = phone.copy();
      const holders = ownerFirst ? [phone, thief] : [thief, phone];
      let ended = 0;
      for (let round = 1; round <= 20 && !ended; round++) {
        for (const [place, holder] of holders.entries()) {
          clock.advance(place === 1 && round <= crossings ? SECOND : 2 * MINUTE);
          const answer = await rotate(holder);
          if (answer === REUSED) ended = round;
          if (answer !== '200') break;
          expect(await use(holder)).toBe('200');
        }
      }
      expect(ended).toBeGreaterThan(0);
      expect(ended).toBeLessThanOrEqual(2);
      await expectOver(phone, thief);
    },
  );

  const nonce = (): string => randomUUID();

  it.each([
    ['a nonce', nonce()],
    ['no nonce', undefined],
  ])('36 nonce: a thief who refreshes first, with %s, and stays silent is found out', async (_, theirs) => {
    const thief = phone.copy();
    expect(outcome(await thief.rotate(theirs))).toBe('200');
    clock.advance(REUSE_INTERVAL + SECOND);
    expect(outcome(await phone.rotate(nonce()))).toBe(REUSED);
    await expectOver(phone, thief);
  });

  it.each([
    ['another nonce', nonce()],
    ['no nonce', undefined],
  ])('36 nonce: a thief who comes second, with %s, is found out at once', async (_, theirs) => {
    const thief = phone.copy();
    expect(outcome(await phone.rotate(nonce()))).toBe('200');
    expect(outcome(await thief.rotate(theirs))).toBe(REUSED);
    await expectOver(phone, thief);
  });

  it('33 lost response: the same nonce repeats a refresh for ever, also when the new tokens are in use', async () => {
    const mine = nonce();
    const lost = await phone.present(phone.token, mine);
    expect(outcome(await app.api.bearer(lost.body['access_token']).get(ME))).toBe('200');
    for (let again = 0; again < 3; again++) {
      clock.advance(7 * DAY);
      const repeated = await phone.present(phone.token, mine);
      expect([outcome(repeated), repeated.body['refresh_token']]).toEqual([
        '200',
        lost.body['refresh_token'],
      ]);
    }
    expect(outcome(await phone.rotate(mine))).toBe('200');
    expect(outcome(await phone.rotate(nonce()))).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('34 concurrency: 20 refreshes with one nonce get one successor', async () => {
    const mine = nonce();
    const answers = await Promise.all(times(20, () => phone.present(phone.token, mine)));
    expect(tally(answers)).toEqual({ 200: 20 });
    expect(new Set(answers.map(({ body }) => body['refresh_token'])).size).toBe(1);
    expect(outcome(await phone.rotate(mine))).toBe('200');
    expect(await use(phone)).toBe('200');
  });

  it('34 concurrency: of 20 refreshes with different nonces one succeeds, and the session ends once', async () => {
    const before = log.lines.length;
    const answers = await Promise.all(times(20, () => phone.present(phone.token, nonce())));
    expect(tally(answers)).toEqual({ 200: 1, [REUSED]: 1, [REVOKED]: 18 });
    expect(log.lines.slice(before).filter(({ event }) => event === 'refresh_reuse')).toHaveLength(1);
    await expectOver(phone);
  });

  it('32 rotation: a nonce is stored only as a hash, and one that is easy to guess is refused', async () => {
    const mine = nonce();
    await phone.rotate(mine);
    expect(JSON.stringify(await app.db.rows('SELECT * FROM sessions'))).not.toContain(mine);
    for (const bad of ['', 'short', 'x'.repeat(129), `${'x'.repeat(30)} `])
      expect(outcome(await phone.present(phone.token, bad))).toBe('422 validation');
    expect(outcome(await phone.rotate(nonce()))).toBe('200');
  });

  it.each([
    ['nothing', () => ''],
    ['a word', () => 'token'],
    ['a forged MAC', () => forgeRefresh(sessionOf(phone.token), 0, Buffer.alloc(32))],
    [
      'a MAC of the key for access tokens',
      () => forgeRefresh(sessionOf(phone.token), 0, keyOf('access token')),
    ],
    ['an altered MAC', () => phone.token.slice(0, -1) + (phone.token.endsWith('A') ? 'E' : 'A')],
    ['spare bits of the MAC set', () => phone.token.slice(0, -1) + base64urlNeighbour(phone.token.at(-1)!)],
    ['a cut MAC', () => phone.token.slice(0, -1)],
    ['a longer one', () => `${phone.token}A`],
    ['the MAC of another session', () => `v1.${sessionOf(other.token)}.0.${phone.token.split('.')[3]}`],
    ['another counter under the same MAC', () => phone.token.replace('.0.', '.1.')],
    ['the counter written in another way', () => phone.token.replace('.0.', '.00.')],
    ['a future counter, genuine', () => forgeRefresh(sessionOf(phone.token), 1)],
    ['a counter far in the future, genuine', () => forgeRefresh(sessionOf(phone.token), 999_999_999)],
    ['a negative counter', () => forgeRefresh(sessionOf(phone.token), -1)],
    ['a counter beyond 2^53', () => forgeRefresh(sessionOf(phone.token), '9007199254740993')],
    ['another version', () => phone.token.replace('v1', 'v2')],
    ['upper case', () => phone.token.toUpperCase()],
    ['SQL', () => forgeRefresh("' OR '1'='1", 0)],
    ['200 characters', () => 'x'.repeat(200)],
    ['4 000 characters', () => base64url('x'.repeat(3_000))],
  ])(
    '37 an invalid token ends no session: %s is refused, and the real token still works',
    async (what, garbage) => {
      const bad = garbage();
      const isEmpty = what === 'nothing';
      // A valid counter ahead of its session counts as genuine for logout, which ends the session anyway.
      const isGenuine = what.endsWith('genuine');
      for (const path of isGenuine ? [REFRESH] : [REFRESH, LOGOUT])
        expect(outcome(await app.api.post(path, { refresh_token: bad })), path).toBe(
          isEmpty ? '422 validation' : INVALID,
        );
      expect(await use(phone)).toBe('200');
      expect(await rotate(phone)).toBe('200');
      expect(await rotate(other)).toBe('200');
    },
  );

  it('37 garbage cannot end sessions: a session that does not exist', async () => {
    expect(await present(forgeRefresh(randomUUID(), 0))).toBe(REVOKED);
    expect(await rotate(phone)).toBe('200');
  });

  it.each([
    [{}],
    [{ refresh_token: null }],
    [{ refresh_token: 7 }],
    [{ refresh_token: ['x'] }],
    [{ token: 'x' }],
    [[]],
  ])('37 garbage cannot kill: a body like %j', async (body) => {
    expect(outcome(await app.api.post(REFRESH, body))).toBe('422 validation');
    expect(await rotate(phone)).toBe('200');
  });
});

/** The next letter of the alphabet: in the last character of a 32-byte value it changes only unused bits. */
function base64urlNeighbour(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(letter) + 1] ?? alphabet[0]!;
}

describe.runIf(hasDatabase())('the end of a session', () => {
  const clock = new TestClock();
  const apps = new SharedApps(() => ({ override: clock.install }));
  let app: TestApp;
  const start = async (env: Record<string, string>): Promise<void> => {
    app = await apps.start(env);
  };
  afterAll(() => apps.stop());

  it('38 idle: a session that was not refreshed for 60 days has ended', async () => {
    await start({});
    const [late, punctual] = [await Phone.register(app.api), await Phone.register(app.api)];
    clock.advance(60 * DAY - MINUTE);
    expect(outcome(await punctual.rotate())).toBe('200');
    clock.advance(MINUTE + SECOND);
    expect(outcome(await late.rotate())).toBe(EXPIRED);
    expect(outcome(await late.rotate()), 'again').toBe(EXPIRED);
    expect(outcome(await punctual.rotate())).toBe('200');
    expect(outcome(await (await Phone.login(late.person)).use()), 'a new sign-in').toBe('200');
  });

  it('38 idle: repeating a lost refresh does not extend a session', async () => {
    await start({ REFRESH_IDLE_TTL: '1d' });
    const phone = await Phone.register(app.api);
    await phone.present();
    for (let i = 0; i < 3; i++) {
      clock.advance(7 * HOUR);
      expect(outcome(await phone.present())).toBe('200');
    }
    clock.advance(3 * HOUR + SECOND);
    expect(outcome(await phone.present())).toBe(EXPIRED);
  });

  it('38 absolute: a session ends 180 days after sign-in, however often it is refreshed', async () => {
    await start({});
    const phone = await Phone.register(app.api);
    for (let month = 1; month <= 5; month++) {
      clock.advance(30 * DAY);
      expect(outcome(await phone.rotate())).toBe('200');
    }
    clock.advance(30 * DAY - MINUTE);
    expect(outcome(await phone.rotate())).toBe('200');
    expect(outcome(await phone.use())).toBe('200');
    clock.advance(MINUTE + SECOND);
    expect(outcome(await phone.rotate())).toBe(EXPIRED);
    expect(outcome(await phone.use()), 'its access token ends as well').toMatch(/^401 session-/);
    expect(outcome(await (await Phone.login(phone.person)).rotate()), 'a new sign-in').toBe('200');
  });

  it('37 another secret: tokens of the old secret are refused without ending their sessions', async () => {
    await start({});
    const phone = await Phone.register(app.api);
    await start({ JWT_SECRET: 'another-one-for-tests-Qm5tYb8nLr2cVx7sHd3f' });
    const there = new Phone(app.api, phone.access, phone.token);
    expect(outcome(await there.use())).toBe('401 unauthenticated');
    expect(outcome(await there.present())).toBe(INVALID);
    expect(outcome(await there.logout())).toBe(INVALID);
    await start({});
    const back = new Phone(app.api, phone.access, phone.token);
    expect(outcome(await back.use())).toBe('200');
    expect(outcome(await back.rotate())).toBe('200');
  });

  it('15 keys change without ending a session: the old secret is accepted until it is removed', async () => {
    const NEXT = 'the-next-for-tests-Wd4kYp9sVb2nXe7rMh5c';
    await start({});
    const away = await Phone.register(app.api);
    const daily = await Phone.login(away.person);
    // An instance with only the old secret must accept tokens of the first instance with the new one.
    await start({ JWT_ACCEPTED_SECRETS: NEXT });
    expect(outcome(await new Phone(app.api, daily.access, daily.token).use())).toBe('200');
    await start({ JWT_SECRET: NEXT, JWT_ACCEPTED_SECRETS: SECRET });
    const there = new Phone(app.api, daily.access, daily.token);
    expect(outcome(await there.use())).toBe('200');
    expect(outcome(await there.rotate())).toBe('200');
    expect(outcome(await there.use())).toBe('200');
    await start({ JWT_ACCEPTED_SECRETS: NEXT });
    expect(outcome(await new Phone(app.api, there.access, there.token).use()), 'made elsewhere').toBe('200');
    await start({ JWT_SECRET: NEXT });
    const moved = new Phone(app.api, there.access, there.token);
    expect(outcome(await moved.use())).toBe('200');
    expect(outcome(await moved.rotate())).toBe('200');
    const late = new Phone(app.api, away.access, away.token);
    expect(outcome(await late.use())).toBe('401 unauthenticated');
    expect(outcome(await late.present())).toBe(INVALID);
  });

  it('38 the times come from the environment', async () => {
    await start({
      REFRESH_IDLE_TTL: '2h',
      REFRESH_ABSOLUTE_TTL: '3h',
      REFRESH_REUSE_INTERVAL: '0s',
      ACCESS_TOKEN_TTL: '5m',
    });
    const [idle, busy, exact] = [
      await Phone.register(app.api),
      await Phone.register(app.api),
      await Phone.register(app.api),
    ];
    expect(claimsOf(idle.access)['exp'] - claimsOf(idle.access)['iat']).toBe(300);
    clock.advance(HOUR);
    expect(outcome(await busy.rotate())).toBe('200');
    clock.advance(HOUR + SECOND);
    expect(outcome(await idle.rotate())).toBe(EXPIRED);
    expect(outcome(await busy.rotate())).toBe('200');
    clock.advance(HOUR);
    expect(outcome(await busy.rotate())).toBe(EXPIRED);
    expect(outcome(await exact.rotate())).toBe(EXPIRED);
    const strict = await Phone.register(app.api);
    const old = strict.token;
    await strict.rotate();
    await strict.use();
    clock.advance(1);
    expect(outcome(await strict.present(old)), 'no interval').toBe(REUSED);
  });
});
