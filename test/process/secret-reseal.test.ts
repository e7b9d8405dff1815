import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSignedKey, send, sign, WEIGHT } from '../http/api-keys/support.js';
import { PASSWORD } from '../support/api.js';
import { SECRET, TestApp } from '../support/app.js';
import { TestClock } from '../support/clock.js';
import { command } from '../support/command.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';
import { Secured } from '../support/totp.js';

const NEXT = 'the-next-for-tests-Wd4kYp9sVb2nXe7rMh5c';

describe.runIf(hasDatabase())('npm run secret:reseal', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  const reseal = (accepted: string) =>
    command('secret', database, { env: { JWT_SECRET: NEXT, JWT_ACCEPTED_SECRETS: accepted } });

  it('15: authenticator apps and signing keys still work after the secret was replaced', async () => {
    const clock = new TestClock();
    const before = await TestApp.start({ database, override: clock.install });
    const keyOwner = await before.api.register();
    const key = await makeSignedKey(keyOwner);
    const secured = await Secured.of(await before.api.register(), clock);
    await before.stop();

    await expect(reseal(''), 'nothing opens them').rejects.toMatchObject({
      code: 1,
      stdout:
        'totp_secrets: 0 sealed anew, 1 that no secret opens\napi_keys: 0 sealed anew, 1 that no secret opens\n',
    });
    const { stdout } = await reseal(SECRET);
    expect(stdout).toBe(
      'totp_secrets: 1 sealed anew, 0 that no secret opens\napi_keys: 1 sealed anew, 0 that no secret opens\n',
    );
    const again = await reseal('');
    expect(again.stdout).toBe(stdout.replaceAll('1 sealed', '0 sealed'));

    const after = await TestApp.start({ database, env: { JWT_SECRET: NEXT }, override: clock.install });
    try {
      const login = { email: secured.email, password: PASSWORD };
      const { body } = await after.api.post('/api/auth/login', login);
      const code = secured.nextCode();
      const signedIn = await after.api.post('/api/auth/challenge', { challenge: body['challenge'], code });
      expect(signedIn.status).toBe(200);
      const values = { created: Math.floor(clock.now() / 1_000) };
      const sent = await send(after.url, await sign(key, ['GET', WEIGHT], { values }));
      expect(sent.status).toBe(200);
    } finally {
      await after.stop();
    }
  });
});
