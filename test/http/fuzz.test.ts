import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz } from '../../tools/fuzz/fuzz.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';
import { change } from '../support/people.js';
import { chooseSeed } from '../support/random.js';

/** `npm run fuzz` sends as many as it is told to. */
const REQUESTS = Number(process.env['HALE_RUNS'] ?? 300);

describe.runIf(hasDatabase())('requests made from the document', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  const promote = async (userId: string, role: string): Promise<void> => {
    await change(app, 'UPDATE users SET role = ?, email_verified_at = created_at WHERE id = ?', [
      role,
      userId,
    ]);
    await change(app, 'UPDATE sessions SET aal = 2 WHERE user_id = ?', [userId]);
  };

  it('are answered as documented, without a 5xx and without data of others', async () => {
    const seed = chooseSeed();
    const { failures, statistics } = await fuzz({ url: app.url, requests: REQUESTS, seed, promote });
    const shown = failures.map(({ key, text, requests }) => `${key}\n${text}\n${requests}`);
    expect(shown.join('\n\n')).toBe('');
    expect(statistics.requests).toBeGreaterThanOrEqual(REQUESTS);
  });
});
