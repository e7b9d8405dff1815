import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';
import { areaUnderCurve, newEmail, times } from './support.js';

const PEOPLE = 10;
const SAMPLES = 80;
const AT_ONCE = 6;

/*
 * Answers that send mail have a constant pace (kernel/http/even-pace.ts), so that their time reveals nothing. As in
 * login-privacy.test.ts the area under the ROC curve is 0.5 for times that reveal nothing; with 80 + 80 samples its standard
 * error is sqrt(161 / (12 · 80 · 80)) = 0.046, and [0.3, 0.7] is more than four of them. Without the pace it is 1.
 */
describe.runIf(hasDatabase())('what a request for mail reveals', () => {
  let app: TestApp;
  let known: string[];
  beforeAll(async () => {
    app = await TestApp.start({
      hashesSlowly: true,
      env: { AUTH_REQUIRE_VERIFIED_EMAIL: 'true' },
    });
    known = times(PEOPLE, newEmail);
    await Promise.all(known.map((email) => register(email)));
  });
  afterAll(() => app.stop());

  const register = (email: string) => app.api.post('/api/auth/register', { email, password: PASSWORD });
  const ask = (path: string) => (email: string) => app.api.post(`/api/auth/${path}`, { email });
  const ways = {
    '3 register': register,
    '4 forgot-password': ask('forgot-password'),
    '4 verify-email/resend': ask('verify-email/resend'),
  };

  it.each(Object.entries(ways))('%s: the latency reveals nothing (Mann–Whitney AUC)', async (_, send) => {
    const timed = async (email: string): Promise<number> => {
      const start = performance.now();
      const { status } = await send(email);
      expect(status).toBe(202);
      return performance.now() - start;
    };
    await Promise.all(times(AT_ONCE, () => timed(newEmail())));
    const [taken, free]: [number[], number[]] = [[], []];
    let left = SAMPLES;
    const measure = async () => {
      while (left > 0) {
        left -= 1;
        const pair = [
          async () => taken.push(await timed(known[left % PEOPLE]!)),
          async () => free.push(await timed(newEmail())),
        ];
        for (const next of Math.random() < 0.5 ? pair : pair.toReversed()) await next();
      }
    };
    await Promise.all(times(AT_ONCE, measure));
    const auc = areaUnderCurve(taken, free);
    expect(auc, `AUC ${auc.toFixed(3)}`).toBeGreaterThanOrEqual(0.3);
    expect(auc, `AUC ${auc.toFixed(3)}`).toBeLessThanOrEqual(0.7);
  });
});
