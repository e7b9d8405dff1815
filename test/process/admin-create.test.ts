import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/app.js';
import { command } from '../support/command.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';
import { change, emailOf } from '../support/people.js';

const PASSWORD = 'a password for the first admin';

describe.runIf(hasDatabase())('npm run admin:create', () => {
  let database: TestDatabase;
  let app: TestApp;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database });
  });
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  const create = (address: string, envFile?: string) =>
    command('admin', database, { arguments: [address], ...(envFile === undefined ? {} : { envFile }) });

  it('104: creates the first admin while the service runs, and prints a link that sets the password', async () => {
    const { stdout } = await create('root@example.org');
    const token = /#token=(\S+)/.exec(stdout)?.[1];
    const set = await app.api.post('/api/auth/reset-password', { token, new_password: PASSWORD });
    expect([set.status, set.body]).toEqual([204, '']);
    const { body } = await app.api.post('/api/auth/login', {
      email: 'root@example.org',
      password: PASSWORD,
    });
    expect(body['user']).toMatchObject({ role: 'admin', email_verified: true });
  });

  it('104: refuses a disabled account with a message', async () => {
    const person = await app.api.register();
    await change(app, 'UPDATE users SET disabled_at = created_at WHERE id = ?', [person.userId]);
    await expect(create(emailOf(person))).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is closed'),
    });
  });

  it('refuses an invalid address with its usage', async () => {
    await expect(create('not an address')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage: npm run admin:create'),
    });
  });

  it('reads .env as the service does', async () => {
    const { stdout } = await create('second@example.org', 'PUBLIC_URL=https://hale.example.org\n');
    expect(stdout).toContain('https://hale.example.org/account/reset-password#token=');
  });

  it('does not send mail that waits', async () => {
    await app.api.register();
    const waiting = (): Promise<object[]> => app.db.rows('SELECT id FROM outbox_messages ORDER BY id');
    const before = await waiting();
    expect(before.length).toBeGreaterThan(0);
    await create('third@example.org');
    expect(await waiting()).toEqual(expect.arrayContaining(before));
  });
});
