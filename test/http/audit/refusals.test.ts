import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog } from '../../../src/kernel/audit/audit-log.js';
import { AuditService } from '../../../src/modules/operations/audit/audit.service.js';
import { Api } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { MINUTE, TestClock } from '../../support/clock.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../../support/database.js';

/*
 * The invariants of refused calls in the audit log. Each has tests that try to break it.
 * A1 Of a burst of refused calls one entry is added at once, and after the window one with the number of the others.
 * A2 Every refused call is counted once: over several instances, over a crash, and in the next window.
 * A3 The refusals of other people and of other actions have their own entries.
 * A4 The chain of the log stays valid, and nothing secret is stored.
 */
type Entry = Record<string, unknown>;

const WINDOW = 15 * MINUTE;
const refused = (person: Api) => person.get('/api/admin/users?reason=support');

describe.runIf(hasDatabase())('refused calls in the audit log', () => {
  const clock = new TestClock();
  let database: TestDatabase;
  let app: TestApp;
  let person: Api;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ database, override: clock.install, env: { ACCESS_TOKEN_TTL: '12h' } });
  });
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });
  beforeEach(async () => {
    person = await app.api.register();
  });

  const logOf = async (api: Api): Promise<Entry[]> =>
    ((await api.get('/api/users/me/access-log?limit=500')).body['data'] as Entry[]).filter(({ action }) =>
      String(action).endsWith('.refused'),
    );
  const timesOf = async (api: Api): Promise<unknown[]> => (await logOf(api)).map(({ times }) => times);
  const sum = (service = app) => service.app.get(AuditLog).sumRefusals();
  const expectValid = async (): Promise<void> =>
    expect((await app.app.get(AuditService).verify()).brokenAt).toBeUndefined();
  const wrongPassword = (email: string) =>
    app.api.post('/api/auth/login', { email, password: 'not the right one' });

  it('A1 A4 a burst adds one entry at once, and one with the count of the others after the window', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => refused(person)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    await sum();
    expect(await logOf(person)).toMatchObject([{ action: 'access.refused', by: 'me', times: 1 }]);
    clock.advance(WINDOW);
    await sum();
    await sum();
    const [total, first] = await logOf(person);
    expect(first).toMatchObject({ times: 1, address: '127.0.0.0' });
    expect(total).toMatchObject({
      action: 'access.refused',
      by: 'me',
      times: 59,
      address: null,
      request_id: null,
      fields: [],
    });
    await expectValid();
  });

  it('A1 a single refused call leaves no second entry', async () => {
    await refused(person);
    clock.advance(WINDOW);
    await sum();
    expect(await timesOf(person)).toEqual([1]);
    expect(await app.db.rows('SELECT id FROM audit_refusals')).toEqual([]);
  });

  it('A2 the next window has an entry of its own, and the count of the one before is not lost', async () => {
    for (let count = 0; count < 3; count++) await refused(person);
    clock.advance(WINDOW);
    await Promise.all(Array.from({ length: 10 }, () => refused(person)));
    expect((await timesOf(person)).toSorted()).toEqual([1, 1, 2]);
    clock.advance(WINDOW);
    await sum();
    expect((await timesOf(person)).toSorted()).toEqual([1, 1, 2, 9]);
    await expectValid();
  });

  it('A2 two instances count together, and one of them adds the sum', async () => {
    if (app.db.dialect === 'sqlite') return;
    const other = await TestApp.start({
      database,
      override: clock.install,
      env: { ACCESS_TOKEN_TTL: '12h' },
    });
    const there = new Api(other.url, person.headers, person.account);
    await Promise.all(Array.from({ length: 20 }, (_, at) => refused(at % 2 ? person : there)));
    clock.advance(WINDOW);
    await Promise.all([sum(), sum(other), sum(), sum(other)]);
    expect(await timesOf(person)).toEqual([19, 1]);
    await other.stop();
    await expectValid();
  });

  it('A2 a stopped instance loses no count', async () => {
    for (let count = 0; count < 4; count++) await refused(person);
    await app.stop();
    clock.advance(WINDOW);
    app = await TestApp.start({ database, override: clock.install, env: { ACCESS_TOKEN_TTL: '12h' } });
    person = new Api(app.url, person.headers, person.account);
    await sum();
    expect(await timesOf(person)).toEqual([3, 1]);
  });

  it('A3 other people and other actions have their own entries', async () => {
    const other = await app.api.register();
    const change = { current_password: 'wrong', new_password: 'quiet river under seven stars' };
    for (let count = 0; count < 3; count++) {
      await refused(person);
      await refused(other);
      await person.put('/api/users/me/password', change);
      await wrongPassword(person.account['email']);
    }
    expect((await logOf(person)).map(({ action, times }) => [action, times])).toEqual([
      ['session.refused', 1],
      ['password.refused', 1],
      ['access.refused', 1],
    ]);
    expect(await timesOf(other)).toEqual([1]);
    clock.advance(WINDOW);
    await sum();
    expect((await timesOf(person)).toSorted()).toEqual([1, 1, 1, 2, 2, 2]);
    expect(await timesOf(other)).toEqual([2, 1]);
  });

  it('A4 of an address without an account nothing is stored but a hash, and only for the window', async () => {
    const email = `${randomUUID()}@example.org`;
    const before = (await app.app.get(AuditService).verify()).entries;
    await Promise.all(Array.from({ length: 8 }, () => wrongPassword(email)));
    expect((await app.app.get(AuditService).verify()).entries).toBe(before + 1);
    expect(JSON.stringify(await app.db.rows('SELECT * FROM audit_refusals'))).not.toContain(email);
    clock.advance(WINDOW);
    await sum();
    expect(await app.db.rows('SELECT id FROM audit_refusals')).toEqual([]);
    expect((await app.app.get(AuditService).verify()).entries).toBe(before + 2);
    await expectValid();
  });

  it('A4 the sum of a deleted account is added under its pseudonym', async () => {
    await refused(person);
    await refused(person);
    await person.post('/api/auth/reauth', { password: 'correct horse battery staple' });
    await person.delete('/api/users/me');
    clock.advance(WINDOW);
    await sum();
    const [row] = await app.db.rows('SELECT * FROM audit_entries ORDER BY seq DESC LIMIT 1');
    expect(row).toMatchObject({ action: 'access.refused', times: 1 });
    expect(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value))).not.toContain(
      person.userId,
    );
    await expectValid();
  });
});
