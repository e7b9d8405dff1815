import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutboxWorker } from '../../../src/kernel/events/outbox-worker.js';
import { MailPolicy } from '../../../src/modules/identity/auth/mail-limits.js';
import { Totp } from '../../../src/modules/identity/factors/totp.js';
import { type Answer, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { DAY, HOUR, TestClock } from '../../support/clock.js';
import { hasDatabase } from '../../support/database.js';
import { change } from '../../support/people.js';
import { linkIn } from '../../support/smtp.js';
import { Secured } from '../../support/totp.js';
import { outcome, startTwo, tally, times } from '../auth/support.js';
import { actionsOf, answer, challengeFor, Mailed } from './support.js';

const WRONG = '401 invalid-code';
const CLOSED = '403 codes-closed';
const BUSY = '503 busy';
const GUESSED = 'Somebody may know your password';
const NEXT = 'quiet river under seven stars';
const RECOVERY = { recovery_code: 'not-one' };
/** Wrong codes in a row that are checked, of strangers and of known devices alike. */
const MOST = 50;

/** Guesses at the second factor of a person. */
class Guesser {
  password = PASSWORD;

  constructor(
    readonly app: TestApp,
    readonly ada: Secured,
  ) {}

  begin = (): Promise<string> => challengeFor(this.app.api, this.ada.email, this.password);

  /** Answers a challenge of its own. */
  try = async (proof: object): Promise<Answer> => answer(this.app.api, await this.begin(), proof);

  /** A code that is wrong now, and one step before and after. */
  get wrong(): { code: string } {
    const near = new Set([-1, 0, 1].map((steps) => this.ada.codeAt(steps)));
    return { code: ['000000', '111111', '222222', '333333'].find((code) => !near.has(code))! };
  }

  /** Wrong codes one after the other, five for each challenge. */
  async guess(count: number, extra: object = {}): Promise<Answer[]> {
    const answers: Answer[] = [];
    let challenge = '';
    for (let i = 0; i < count; i++) {
      if (i % 5 === 0) challenge = await this.begin();
      answers.push(await answer(this.app.api, challenge, { ...this.wrong, ...extra }));
    }
    return answers;
  }

  /** Gives five wrong codes, as if others had been given before: so many in all. */
  async missed(
    count: number,
    by: 'strange' | 'known' = 'strange',
    extra: object = {},
  ): Promise<Record<string, number>> {
    const sql = `UPDATE totp_secrets SET ${by}_failures = ? WHERE user_id = ?`;
    const changed = await change(this.app, sql, [count - 5, this.ada.person.userId]);
    if (changed !== 1) throw new Error('There is no app whose wrong codes are counted');
    return tally(await this.guess(5, extra));
  }

  /** Wrong codes at once, five for each challenge. */
  async burst(apps: readonly TestApp[], count: number, proof: object = this.wrong): Promise<Answer[]> {
    const challenges = await Promise.all(times(count / 5, this.begin));
    return Promise.all(
      times(count, (i) => answer(apps[i % apps.length]!.api, challenges[Math.floor(i / 5)]!, proof)),
    );
  }
}

describe.runIf(hasDatabase())('wrong codes after the right password', () => {
  const clock = new TestClock();
  let service: Mailed;
  let ada: Secured;
  let stranger: Guesser;
  beforeAll(async () => {
    service = await Mailed.start(clock, {}, (builder) =>
      builder.overrideProvider(MailPolicy).useValue(new MailPolicy()),
    );
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    // Every budget of mails begins again.
    clock.advance(2 * HOUR);
    ada = await Secured.of(await service.app.api.register(), clock);
    stranger = new Guesser(service.app, ada);
  });
  const warnings = async (): Promise<number> =>
    (await service.subjectsTo(ada.email)).filter((subject) => subject === GUESSED).length;

  it('5: the owner gets one letter, over several challenges, and one more a day later', async () => {
    await stranger.guess(3);
    await stranger.try(RECOVERY);
    expect(await warnings()).toBe(0);
    await stranger.guess(1);
    expect(await warnings()).toBe(1);
    const { text } = service.sink.to(ada.email).at(-1)!.parsed;
    expect(text).toMatch(/set a new one at once/);
    expect(linkIn(service.sink.to(ada.email).at(-1)!)).toMatch(/forgot-password$/);
    await stranger.guess(20);
    clock.advance(DAY - HOUR);
    await stranger.guess(1);
    expect(await warnings()).toBe(1);
    clock.advance(HOUR);
    await stranger.guess(10);
    expect(await warnings()).toBe(2);
  });

  it('5: of one challenge, of a burst, and in the language of the owner', async () => {
    await stranger.guess(5);
    expect(await warnings()).toBe(1);
    ada = await Secured.of(await service.app.api.register({ locale: 'de-AT' }), clock);
    expect(tally(await new Guesser(service.app, ada).burst([service.app], 40))).toEqual({ [WRONG]: 40 });
    const subjects = await service.subjectsTo(ada.email);
    expect(subjects.filter((subject) => subject === 'Jemand kennt vielleicht Ihr Passwort')).toHaveLength(1);
  });

  it('5: wrong codes of a signed-in person warn, too; a right code in between starts again', async () => {
    await stranger.guess(4);
    expect((await stranger.try({ code: ada.nextCode() })).status).toBe(200);
    await stranger.guess(4);
    expect(await warnings()).toBe(0);
    for (let i = 0; i < 5; i++) await ada.person.delete('/api/auth/totp', stranger.wrong);
    expect(await warnings()).toBe(1);
  });

  it('5: the letter neither uses nor needs the mails that may be requested', async () => {
    const forgot = () => service.app.api.post('/api/auth/forgot-password', { email: ada.email });
    const resets = async (): Promise<number> =>
      (await service.subjectsTo(ada.email)).filter((subject) => subject === 'Set a new password').length;
    for (let i = 0; i < 4; i++) expect((await forgot()).status).toBe(202);
    await stranger.guess(5);
    expect([await resets(), await warnings()]).toEqual([3, 1]);
    clock.advance(DAY);
    await stranger.guess(20);
    for (let i = 0; i < 4; i++) expect((await forgot()).status).toBe(202);
    expect([await resets(), await warnings()]).toEqual([6, 2]);
  });

  it('23: after 50 in a row codes of the app are refused for good, and nothing is checked', async () => {
    expect(tally(await stranger.guess(MOST))).toEqual({ [WRONG]: MOST });
    const checked = vi.spyOn(service.app.app.get(Totp), 'accepts');
    for (const wait of [0, DAY, 100 * DAY]) {
      clock.advance(wait);
      expect(outcome(await stranger.try({ code: ada.nextCode() }))).toBe(CLOSED);
      expect(tally(await stranger.guess(5))).toEqual({ [CLOSED]: 5 });
    }
    expect(checked).not.toHaveBeenCalled();
    checked.mockRestore();
    const { body } = await stranger.try({ recovery_code: ada.recoveryCodes[0] });
    const actions = await actionsOf(service.app.api.bearer(body['access_token']));
    expect(actions.filter((action) => action === 'factor.closed')).toHaveLength(1);
  });

  it('23: wrong recovery codes count as well, and are still checked then', async () => {
    expect(await stranger.missed(MOST - 5)).toEqual({ [WRONG]: 5 });
    for (let i = 0; i < 5; i++) expect(outcome(await stranger.try(RECOVERY))).toBe(WRONG);
    expect(outcome(await stranger.try({ code: ada.nextCode() }))).toBe(CLOSED);
    expect(outcome(await stranger.try(RECOVERY))).toBe(WRONG);
  });

  it('26: a recovery code signs in then, and codes of the app work again', async () => {
    expect(await stranger.missed(MOST)).toEqual({ [WRONG]: 5 });
    expect((await stranger.try({ recovery_code: ada.recoveryCodes[0] })).status).toBe(200);
    expect((await stranger.try({ code: ada.nextCode() })).status).toBe(200);
    expect(tally(await stranger.guess(MOST + 5))).toEqual({ [WRONG]: MOST, [CLOSED]: 5 });
  });

  it('5: strangers hold back neither a known device nor a session; a code in a session ends the refusal', async () => {
    const phone = { device_id: `phone-of-${ada.person.userId}` };
    expect((await stranger.try({ code: ada.nextCode(), ...phone })).status).toBe(200);
    expect(await stranger.missed(MOST)).toEqual({ [WRONG]: 5 });
    expect((await stranger.try({ code: ada.nextCode(), ...phone })).status).toBe(200);
    // The owner's sign-ins give a stranger no new attempts.
    expect(outcome(await stranger.try({ code: ada.nextCode() }))).toBe(CLOSED);
    expect(outcome(await stranger.try({ code: ada.nextCode(), device_id: 'a-guess' }))).toBe(CLOSED);
    const proof = { password: PASSWORD, code: ada.nextCode() };
    expect((await ada.person.post('/api/auth/reauth', proof)).status).toBe(200);
    expect((await stranger.try({ code: ada.nextCode() })).status).toBe(200);
  });

  it('23: known devices and sessions share 50 wrong codes; then only their codes are refused', async () => {
    const phone = { device_id: `phone-of-${ada.person.userId}` };
    expect((await stranger.try({ code: ada.nextCode(), ...phone })).status).toBe(200);
    expect(await stranger.missed(MOST - 5, 'known', phone)).toEqual({ [WRONG]: 5 });
    for (let i = 0; i < 5; i++)
      expect(outcome(await ada.person.delete('/api/auth/totp', stranger.wrong))).toBe(WRONG);
    expect(outcome(await stranger.try({ code: ada.nextCode(), ...phone }))).toBe(CLOSED);
    const proof = { password: PASSWORD, code: ada.nextCode() };
    expect(outcome(await ada.person.post('/api/auth/reauth', proof))).toBe(CLOSED);
    expect((await stranger.try({ code: ada.nextCode() })).status).toBe(200);
    const codes = await ada.person.post('/api/auth/recovery-codes', {
      recovery_code: ada.recoveryCodes[0],
    });
    expect(codes.status).toBe(201);
    expect((await stranger.try({ code: ada.nextCode(), ...phone })).status).toBe(200);
  });

  it('11, 23: a password set by mail allows ten codes more, once a week', async () => {
    await change(service.app, 'UPDATE users SET email_verified_at = created_at WHERE id = ?', [
      ada.person.userId,
    ]);
    const reset = async () => {
      clock.advance(2 * HOUR);
      await service.app.api.post('/api/auth/forgot-password', { email: ada.email });
      await service.app.app.get(OutboxWorker).drain();
      const letter = service.sink.to(ada.email).findLast((mail) => linkIn(mail).includes('#token='))!;
      const token = new URL(linkIn(letter)).hash.replace('#token=', '');
      stranger.password = `${NEXT} ${token.slice(0, 4)}`;
      const body = { token, new_password: stranger.password };
      expect((await service.app.api.post('/api/auth/reset-password', body)).status).toBe(204);
    };
    expect(await stranger.missed(MOST)).toEqual({ [WRONG]: 5 });
    await reset();
    expect(tally(await stranger.guess(15))).toEqual({ [WRONG]: 10, [CLOSED]: 5 });
    await reset();
    expect(tally(await stranger.guess(5))).toEqual({ [CLOSED]: 5 });
    clock.advance(7 * DAY);
    await reset();
    expect(tally(await stranger.guess(9))).toEqual({ [WRONG]: 9 });
    expect((await stranger.try({ code: ada.nextCode() })).status).toBe(200);
    expect(tally(await stranger.guess(15))).toEqual({ [WRONG]: 15 });
  });

  it('22: an answer after the factor was removed is refused as a wrong code', async () => {
    const challenge = await stranger.begin();
    expect((await ada.person.delete('/api/auth/totp', { code: ada.nextCode() })).status).toBe(204);
    for (const proof of [stranger.wrong, RECOVERY])
      expect(outcome(await answer(service.app.api, challenge, proof))).toBe(WRONG);
  });
});

describe.runIf(hasDatabase())('wrong codes at two instances', () => {
  const clock = new TestClock();
  let apps: readonly [TestApp, TestApp];
  beforeAll(async () => {
    apps = await startTwo({ override: clock.install });
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.stop();
  });

  it('23: of 200 at once 50 are checked, and the right code is refused then', async () => {
    const ada = await Secured.of(await apps[0].api.register(), clock);
    const stranger = new Guesser(apps[0], ada);
    const burst = tally(await stranger.burst(apps, 200));
    expect(Object.keys(burst).filter((answered) => ![WRONG, CLOSED, BUSY].includes(answered))).toEqual([]);
    // Two instances may find a SQLite file busy. What was not checked then is still left.
    const rest = tally(await stranger.guess(MOST));
    expect((burst[WRONG] ?? 0) + (rest[WRONG] ?? 0)).toBe(MOST);
    for (const app of apps)
      expect(outcome(await answer(app.api, await stranger.begin(), { code: ada.nextCode() }))).toBe(CLOSED);
  });
});
