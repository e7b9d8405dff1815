import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRET, TestApp } from '../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

const run = promisify(execFile);
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

  /** As `npm test` has built it. */
  const create = (address: string) =>
    run(process.execPath, ['dist/scripts/admin.js', address], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        JWT_SECRET: SECRET,
        DATA_DIRECTORY: app.files,
      },
    });

  it('104: makes the first admin while the service runs, by a link that sets a password', async () => {
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

  it('refuses what is no address, and says what it takes', async () => {
    await expect(create('not an address')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage: npm run admin:create'),
    });
  });
});
