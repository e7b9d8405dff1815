import argon2 from 'argon2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Passwords } from '../../../src/modules/identity/auth/passwords.js';
import type { Answer } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { chooseSeed, seededRandom } from '../../support/random.js';
import { areaUnderCurve, login, newEmail, outcome, times } from './support.js';

const PEOPLE = 10;
const SAMPLES = 300;

/** At a quarter of the real cost, what differs besides the hash is a larger part of the time, so it is easier to see. */
class QuickerPasswords extends Passwords {
  protected override readonly cost = { memoryCost: 4_864, timeCost: 2, parallelism: 1 };
}

describe.runIf(hasDatabase())('what a login reveals', () => {
  let app: TestApp;
  let known: string[];
  const free = times(PEOPLE, () => newEmail());
  beforeAll(async () => {
    app = await TestApp.start({
      override: (builder) => builder.overrideProvider(Passwords).useClass(QuickerPasswords),
    });
    known = await Promise.all(
      times(PEOPLE, async () => (await app.api.register()).account['email'] as string),
    );
  });
  afterAll(() => app.stop());

  const wrong = (email: string): Promise<Answer> => login(app.api, email, 'not the password of anybody');

  /** An answer without the parts that differ between any two requests. */
  function shape({ status, headers, body }: Answer): object {
    const varying = new Set(['x-request-id', 'date', 'ratelimit', 'keep-alive']);
    return {
      status,
      headerNames: [...headers.keys()],
      headers: [...headers].filter(([name]) => !varying.has(name)),
      bodyKeys: Object.keys(body),
      body: { ...body, request_id: '' },
    };
  }

  it('2 login does not reveal users: the answers are equal, header by header and key by key', async () => {
    const taken = await wrong(known[0]!);
    expect(outcome(taken)).toBe('401 invalid-credentials');
    for (const email of [newEmail(), 'a@b.example', `${'x'.repeat(60)}@example.org`, 'ünbekannt@example.org'])
      expect(shape(await wrong(email))).toEqual(shape(taken));
    expect(Object.keys(taken.body)).toEqual(['type', 'title', 'status', 'instance', 'request_id']);
    expect(JSON.stringify(taken.body)).not.toContain(known[0]);
  });

  /*
   * The area under the ROC curve is the chance that a random "known" answer took longer than a random "unknown" one:
   * 0.5 reveals nothing, a missing dummy hash gives 1.0. With 300 + 300 samples its standard error is
   * sqrt(601 / (12 · 300 · 300)) = 0.024, so [0.45, 0.55] is two of them wide and would fail one correct run in 28.
   * [0.4, 0.6] is more than four, one in 40 000, and still catches a difference of a third of the spread. The order in each
   * pair is random, so a machine that becomes slower slows both alike. Every address was refused before: only the first refusal
   * of a window writes an entry, and on a machine with other work that write can take longer than one step of the pace.
   */
  it('2 login does not reveal users: the latency tells nothing (Mann–Whitney AUC)', async () => {
    const timed = async (email: string): Promise<number> => {
      const start = performance.now();
      const { status } = await wrong(email);
      expect(status).toBe(401);
      return performance.now() - start;
    };
    for (const email of [...known, ...free, ...known, ...free]) await timed(email);
    const random = seededRandom(chooseSeed());
    const taken: number[] = [];
    const unknown: number[] = [];
    for (let index = 0; index < SAMPLES; index++) {
      const pair = [
        async () => taken.push(await timed(known[index % PEOPLE]!)),
        async () => unknown.push(await timed(free[index % PEOPLE]!)),
      ];
      for (const measure of random() < 0.5 ? pair : pair.toReversed()) await measure();
    }
    const auc = areaUnderCurve(taken, unknown);
    expect(auc, `AUC ${auc.toFixed(3)}`).toBeGreaterThanOrEqual(0.4);
    expect(auc, `AUC ${auc.toFixed(3)}`).toBeLessThanOrEqual(0.6);
  });

  it('2 login does not reveal users: for each address one password is checked, at the real cost', async () => {
    const real = await TestApp.start({ hashesSlowly: true });
    try {
      const { email } = (await real.api.register()).account;
      const verify = vi.spyOn(argon2, 'verify');
      for (const address of [email as string, newEmail()]) {
        verify.mockClear();
        expect(outcome(await login(real.api, address, 'not the password of anybody'))).toBe(
          '401 invalid-credentials',
        );
        expect(verify.mock.calls.map(([hash]) => hash.split('$')[3]?.split(',').toSorted())).toEqual([
          ['m=19456', 'p=1', 't=2'],
        ]);
      }
    } finally {
      vi.restoreAllMocks();
      await real.stop();
    }
  });

  it('2 login does not reveal users: the measurement detects a missing dummy hash', () => {
    expect(areaUnderCurve([1, 2, 3], [4, 5, 6])).toBe(0);
    expect(areaUnderCurve([4, 5, 6], [1, 2, 3])).toBe(1);
    expect(areaUnderCurve([1, 2], [1, 2])).toBe(0.5);
  });
});
