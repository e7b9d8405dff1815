import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FactorPolicy } from '../../../src/modules/identity/factors/factor-limits.js';
import { RecoveryCodes } from '../../../src/modules/identity/factors/recovery-codes.js';
import { Totp } from '../../../src/modules/identity/factors/totp.js';
import { type Answer, PASSWORD } from '../../support/api.js';
import { MINUTE, SECOND, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { Secured } from '../../support/totp.js';
import { claimsOf, Log, login, ME, outcome, tally, times } from '../auth/support.js';
import { actionsOf, answer, challengeFor, dump, Mailed, RECOVERY_CODES, together } from './support.js';

const LOCKED = '429 too-many-attempts';
const WRONG = '401 invalid-code';
const DEAD = '401 challenge-expired';

describe.runIf(hasDatabase())('a sign-in in two steps', () => {
  const clock = new TestClock();
  const log = new Log();
  let service: Mailed;
  let ada: Secured;
  beforeAll(async () => {
    service = await Mailed.start(clock, { LOG_LEVEL: 'info' }, log.install);
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    ada = await Secured.of(await service.app.api.register(), clock);
  });

  const begin = () => challengeFor(service.app.api, ada.email);
  const send = (challenge: string, proof: object) => answer(service.app.api, challenge, proof);
  /** A code that is wrong now, and one step before and after. */
  const wrongCode = (): string => {
    const near = new Set([-1, 0, 1].map((steps) => ada.codeAt(steps)));
    return ['000000', '111111', '222222', '333333'].find((code) => !near.has(code))!;
  };
  const signIns = async () => (await ada.person.get('/api/auth/sessions')).body['data'].length as number;

  it('22: the first step returns a challenge and nothing else', async () => {
    const { status, body, headers } = await login(service.app.api, ada.email);
    expect(status).toBe(202);
    expect(body).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      methods: ['totp', 'recovery_code'],
      expires_in: 300,
    });
    expect(headers.get('set-cookie')).toBeNull();
    expect(await signIns()).toBe(1);
    expect(await dump(service.app.db)).not.toContain(body['challenge']);
  });

  it('14: a challenge is neither an access token nor a refresh token', async () => {
    const challenge = await begin();
    expect(outcome(await service.app.api.bearer(challenge).get(ME))).toBe('401 unauthenticated');
    const refreshed = await service.app.api.post('/api/auth/refresh', { refresh_token: challenge });
    expect(outcome(refreshed)).toBe('401 invalid-refresh-token');
    // An access token is not a challenge either.
    const token = ada.person.headers['authorization']!.slice('Bearer '.length);
    expect([401, 422]).toContain((await send(token, { code: ada.nextCode() })).status);
  });

  it('22: the right code signs in, once, on the named device, with two factors', async () => {
    const challenge = await begin();
    const code = ada.nextCode();
    const first = await send(challenge, { code, device_id: 'tablet', device_name: 'Tablet' });
    expect([first.status, Object.keys(first.body)]).toEqual([
      200,
      ['user', 'access_token', 'token_type', 'expires_in', 'refresh_token'],
    ]);
    expect(claimsOf(first.body['access_token'])).toMatchObject({ aal: 2, did: 'tablet' });
    const { body } = await service.app.api.bearer(first.body['access_token']).get('/api/auth/sessions');
    expect(body['data'][0]).toMatchObject({ current: true, device_name: 'Tablet' });
    expect(outcome(await send(challenge, { code: ada.nextCode() }))).toBe(DEAD);
  });

  it('22: it expires after five minutes', async () => {
    const challenge = await begin();
    clock.advance(5 * MINUTE - SECOND);
    expect(outcome(await send(challenge, { code: wrongCode() }))).toBe(WRONG);
    clock.advance(SECOND);
    expect(outcome(await send(challenge, { code: ada.codeAt(0) }))).toBe(DEAD);
    expect(outcome(await send('x'.repeat(43), { code: ada.codeAt(0) }))).toBe(DEAD);
  });

  it('22: of concurrent answers with the right code one signs in, with one challenge or with many', async () => {
    for (const challenges of [times(1, begin), times(8, begin)]) {
      const open = await Promise.all(challenges);
      const code = ada.nextCode();
      const before = await signIns();
      const answers = await together(service.app, ada.person.userId, () =>
        times(8, (i) => send(open[i % open.length]!, { code })),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await signIns()).toBe(before + 1);
    }
  });

  it('22: an answer without a proof, with two, or with a malformed one is 422 and uses no attempt', async () => {
    const challenge = await begin();
    const fields = async (proof: object) => {
      const { status, body } = await send(challenge, proof);
      return [status, body['errors']?.[0].field];
    };
    expect(await fields({})).toEqual([422, 'code']);
    expect(await fields({ code: '123456', recovery_code: 'a' })).toEqual([422, 'recovery_code']);
    for (const code of ['12345', '1234567', '12345a', '１２３４５６', 123456, null])
      expect(await fields({ code })).toEqual([422, 'code']);
    for (let i = 0; i < 4; i++) expect(outcome(await send(challenge, { code: wrongCode() }))).toBe(WRONG);
    expect((await send(challenge, { code: ada.nextCode() })).status).toBe(200);
  });

  it('23: five wrong codes end a challenge', async () => {
    const challenge = await begin();
    for (let i = 0; i < 5; i++) expect(outcome(await send(challenge, { code: wrongCode() }))).toBe(WRONG);
    expect(outcome(await send(challenge, { code: ada.nextCode() }))).toBe(DEAD);
    expect((await send(await begin(), { code: ada.nextCode() })).status).toBe(200);
  });

  it('23: of 50 wrong codes at once five are evaluated, also where no other limit holds them back', async () => {
    const challenge = await begin();
    const evaluated = vi.spyOn(service.app.app.get(Totp), 'accepts');
    const answers = await together(service.app, ada.person.userId, () =>
      times(50, () => send(challenge, { code: wrongCode() })),
    );
    expect(tally(answers)).toEqual({ [WRONG]: 5, [DEAD]: 45 });
    expect(evaluated).toHaveBeenCalledTimes(5);
    evaluated.mockRestore();
  });

  it('23: an undecided attempt does not count and uses nothing up', async () => {
    const challenge = await begin();
    const broken = vi.spyOn(service.app.app.get(Totp), 'accepts').mockRejectedValue(new Error('no'));
    for (let i = 0; i < 6; i++) expect((await send(challenge, { code: ada.codeAt(0) })).status).toBe(500);
    broken.mockRestore();
    // The code is accepted, then the session cannot be opened: the code can be used again, like everything else.
    const code = ada.nextCode();
    const full = vi.spyOn(service.app.app.get(RecoveryCodes), 'countOf').mockRejectedValue(new Error('no'));
    const recovery = { recovery_code: ada.recoveryCodes[0] };
    expect((await send(challenge, recovery)).status).toBe(500);
    full.mockRestore();
    expect((await send(challenge, recovery)).status).toBe(200);
    expect((await send(await begin(), { code })).status).toBe(200);
  });

  it('26: a recovery code signs in once, in any spelling, and its use is mailed', async () => {
    const [first = '', second = ''] = ada.recoveryCodes;
    expect(ada.recoveryCodes).toHaveLength(10);
    for (const code of ada.recoveryCodes) expect(code.replaceAll('-', '')).toMatch(/^[0-9a-f]{20}$/);
    const written = ` ${first.toUpperCase().replaceAll('-', ' ')}`;
    const { status, body } = await send(await begin(), { recovery_code: written });
    expect([status, claimsOf(body['access_token'])['aal']]).toEqual([200, 2]);
    expect(outcome(await send(await begin(), { recovery_code: first }))).toBe(WRONG);
    const open = await Promise.all(times(6, begin));
    const answers = await Promise.all(open.map((challenge) => send(challenge, { recovery_code: second })));
    expect(tally(answers)).toEqual({ 200: 1, [WRONG]: 5 });
    expect((await ada.person.get('/api/auth/factors')).body['recovery_codes_left']).toBe(8);
    const subjects = await service.subjectsTo(ada.email);
    expect(subjects.filter((subject) => subject === 'A recovery code was used')).toHaveLength(2);
  });

  it('26: a recovery code of another person does not work', async () => {
    const eve = await Secured.of(await service.app.api.register(), clock);
    expect(outcome(await send(await begin(), { recovery_code: eve.recoveryCodes[0] }))).toBe(WRONG);
    expect((await eve.person.get('/api/auth/factors')).body['recovery_codes_left']).toBe(10);
  });

  it('26: new codes replace the old ones; the table contains none of them', async () => {
    const { status, body } = await ada.person.post(RECOVERY_CODES, { code: ada.nextCode() });
    expect([status, body['recovery_codes'].length]).toEqual([201, 10]);
    expect(outcome(await send(await begin(), { recovery_code: ada.recoveryCodes[0] }))).toBe(WRONG);
    const stored = await dump(service.app.db);
    for (const code of body['recovery_codes'] as string[]) {
      expect(stored).not.toContain(code);
      expect(stored).not.toContain(code.replaceAll('-', ''));
    }
    expect((await send(await begin(), { recovery_code: body['recovery_codes'][9] })).status).toBe(200);
  });

  it('105: is recorded from the challenge to the answer, without a code', async () => {
    const challenge = await begin();
    await send(challenge, { code: wrongCode() });
    await send(challenge, { recovery_code: ada.recoveryCodes[0] });
    expect((await actionsOf(ada.person)).slice(0, 5)).toEqual([
      'session.opened',
      'recovery-code.used',
      'factor.refused',
      'factor.asked',
      'factor.enabled',
    ]);
    const written = JSON.stringify(log.lines) + (await dump(service.app.db));
    for (const secret of [challenge, ada.secret, ...ada.recoveryCodes]) expect(written).not.toContain(secret);
  });
});

describe.runIf(hasDatabase())('limits on code attempts', () => {
  const clock = new TestClock();
  let service: Mailed;
  let ada: Secured;
  beforeAll(async () => {
    service = await Mailed.start(clock, {}, (builder) =>
      builder.overrideProvider(FactorPolicy).useValue(new FactorPolicy()),
    );
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    ada = await Secured.of(await service.app.api.register(), clock);
  });

  const begin = () => challengeFor(service.app.api, ada.email);
  const send = (challenge: string, proof: object) => answer(service.app.api, challenge, proof);
  const wrong = { recovery_code: 'not-one' };

  function expectLocked(refused: Answer): void {
    expect(outcome(refused)).toBe(LOCKED);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(15 * 60);
  }

  it('23: wrong codes count over all challenges, recovery codes too; then the right one is not checked', async () => {
    const tries = [wrong, { code: '000000' }, wrong, wrong, wrong];
    for (const proof of tries) expect(outcome(await send(await begin(), proof))).toBe(WRONG);
    const challenge = await begin();
    expectLocked(await send(challenge, wrong));
    expectLocked(await send(challenge, { code: ada.nextCode() }));
    expectLocked(await send(challenge, { recovery_code: ada.recoveryCodes[0] }));
    clock.advance(15 * MINUTE);
    expect((await send(await begin(), { code: ada.codeAt(0) })).status).toBe(200);
  });

  it('23: strangers who know the password hold back neither a signed-in person nor a known device', async () => {
    const known = { device_id: 'a-phone-of-ada' };
    expect((await send(await begin(), { code: ada.nextCode(), ...known })).status).toBe(200);
    for (let i = 0; i < 5; i++) expect(outcome(await send(await begin(), wrong))).toBe(WRONG);
    expectLocked(await send(await begin(), { code: ada.nextCode() }));
    expectLocked(await send(await begin(), { code: ada.nextCode(), device_id: 'a-guess' }));
    expect((await send(await begin(), { code: ada.nextCode(), ...known })).status).toBe(200);
    expect((await ada.person.post(RECOVERY_CODES, { code: ada.nextCode() })).status).toBe(201);
    // Each has five of its own.
    for (let i = 0; i < 5; i++)
      expect(outcome(await send(await begin(), { ...wrong, ...known }))).toBe(WRONG);
    expectLocked(await send(await begin(), { code: ada.nextCode(), ...known }));
  });

  it('23: the lock of a signed-in person covers every route that takes a code', async () => {
    for (let i = 0; i < 5; i++) expect(outcome(await ada.person.delete('/api/auth/totp', wrong))).toBe(WRONG);
    const code = ada.nextCode();
    expectLocked(await ada.person.delete('/api/auth/totp', { code }));
    expectLocked(await ada.person.post(RECOVERY_CODES, { code }));
    expectLocked(await ada.person.post('/api/auth/reauth', { password: PASSWORD, code }));
    expect((await send(await begin(), { code })).status).toBe(200);
  });

  it('23: right passwords do not reset the counter, and wrong ones do not fill it', async () => {
    for (let i = 0; i < 6; i++) await login(service.app.api, ada.email, 'not it');
    for (let i = 0; i < 4; i++) expect(outcome(await send(await begin(), wrong))).toBe(WRONG);
    expect((await send(await begin(), { code: ada.nextCode() })).status).toBe(200);
    expect(outcome(await send(await begin(), wrong))).toBe(WRONG);
    expectLocked(await send(await begin(), { code: ada.nextCode() }));
  });

  it('23: of 50 concurrent wrong codes over many challenges, five are evaluated', async () => {
    const open = await Promise.all(times(10, begin));
    const totp = vi.spyOn(service.app.app.get(Totp), 'accepts');
    const recovery = vi.spyOn(service.app.app.get(RecoveryCodes), 'accepts');
    const answers = await Promise.all(
      times(50, (i) => send(open[i % open.length]!, i % 2 ? wrong : { code: '000000' })),
    );
    expect(tally(answers)).toEqual({ [WRONG]: 5, [LOCKED]: 45 });
    expect(totp.mock.calls.length + recovery.mock.calls.length).toBe(5);
    for (const spy of [totp, recovery]) spy.mockRestore();
  });

  it('23: other accounts and signed-in sessions are not affected', async () => {
    for (let i = 0; i < 5; i++) await send(await begin(), wrong);
    const eve = await Secured.of(await service.app.api.register(), clock);
    const challenge = await challengeFor(service.app.api, eve.email);
    expect((await send(challenge, { code: eve.nextCode() })).status).toBe(200);
    expect((await ada.person.get(ME)).status).toBe(200);
  });

  it('23: an undecided attempt does not count', async () => {
    const challenge = await begin();
    const broken = vi.spyOn(service.app.app.get(Totp), 'accepts').mockRejectedValue(new Error('no'));
    for (let i = 0; i < 8; i++) expect((await send(challenge, { code: ada.codeAt(0) })).status).toBe(500);
    broken.mockRestore();
    expect((await send(challenge, { code: ada.nextCode() })).status).toBe(200);
  });

  it('23: an answer after the end of its challenge does not count', async () => {
    const [challenge, code] = [await begin(), ada.nextCode()];
    const answers = await together(service.app, ada.person.userId, () =>
      times(4, () => send(challenge, { code })),
    );
    expect(tally(answers)).toEqual({ 200: 1, [DEAD]: 3 });
    for (let i = 0; i < 5; i++) expect(outcome(await send(await begin(), wrong))).toBe(WRONG);
    expectLocked(await send(await begin(), wrong));
  });

  it('23: an answer to a void challenge does not count', async () => {
    for (let i = 0; i < 8; i++) expect(outcome(await send('x'.repeat(43), wrong))).toBe(DEAD);
    const challenge = await begin();
    await send(challenge, { code: ada.nextCode() });
    for (let i = 0; i < 8; i++) expect(outcome(await send(challenge, wrong))).toBe(DEAD);
    expect((await send(await begin(), { code: ada.nextCode() })).status).toBe(200);
  });
});
