import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditLog } from '../../../src/kernel/audit/audit-log.js';
import { AuditRepository } from '../../../src/modules/operations/audit/audit.repository.js';
import { AuditService } from '../../../src/modules/operations/audit/audit.service.js';
import { UnitOfWork } from '../../../src/platform/database/unit-of-work.js';
import { passwordChangeAudit } from '../../../src/modules/identity/users/account.audit.js';
import { type Api, PASSWORD } from '../../support/api.js';
import { TestApp } from '../../support/app.js';
import { hasDatabase } from '../../support/database.js';

const LOG = '/api/users/me/access-log';
type Entry = Record<string, unknown>;

describe.runIf(hasDatabase())('105: the audit log', () => {
  let app: TestApp;
  let units: UnitOfWork;
  beforeAll(async () => {
    app = await TestApp.start();
    units = app.app.get(UnitOfWork);
  });
  afterAll(() => app.stop());

  const logOf = async (person: Api): Promise<Entry[]> =>
    (await person.get(`${LOG}?limit=500`)).body['data'] as Entry[];
  const actionsOf = async (person: Api): Promise<unknown[]> =>
    (await logOf(person)).map(({ action }) => action);
  const verify = () => app.app.get(AuditService).verify();
  const tamper = (sql: string, values: (string | bigint)[] = []) =>
    units.run(() => app.db.execute(sql, values));

  it('105: lists the events of the account, the newest first, with their actors', async () => {
    const person = await app.api.register();
    const email = person.account['user'].email as string;
    await app.api.post('/api/auth/login', { email, password: 'not the right one' });
    const second = await app.api.post('/api/auth/login', { email, password: PASSWORD });
    await app.api.post('/api/auth/logout', { refresh_token: second.body['refresh_token'] });
    const change = { current_password: 'wrong', new_password: 'quiet river under seven stars' };
    await person.put('/api/users/me/password', change);
    const { headers } = await person.put('/api/users/me/password', { ...change, current_password: PASSWORD });
    expect(await actionsOf(person)).toEqual([
      'sessions.ended',
      'password.changed',
      'password.refused',
      'session.ended',
      'session.opened',
      'session.refused',
      'session.opened',
      'account.created',
    ]);
    const log = await logOf(person);
    expect(log.map(({ by }) => by)).toEqual(['me', 'me', 'me', 'me', 'me', 'stranger', 'me', 'me']);
    expect(log[0]).toMatchObject({
      actor_id: person.userId,
      address: '127.0.0.0',
      request_id: headers.get('x-request-id'),
      fields: [],
    });
    expect(log[4]?.['target']).toMatch(/^[\da-f-]{36}$/);
    const times = log.map(({ at }) => at as string);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('105: records the reuse of a stolen refresh token', async () => {
    const person = await app.api.register();
    const first = person.account['refresh_token'] as string;
    const refresh = (token: unknown) => app.api.post('/api/auth/refresh', { refresh_token: token });
    const second = (await refresh(first)).body['refresh_token'];
    await refresh((await refresh(second)).body['refresh_token']);
    expect((await refresh(first)).status).toBe(401);
    const { body } = await app.api.post('/api/auth/login', {
      email: person.account['user'].email,
      password: PASSWORD,
    });
    const log = await logOf(app.api.bearer(body['access_token'] as string));
    expect(log.map(({ action, by }) => [action, by]).slice(0, 2)).toEqual([
      ['session.opened', 'me'],
      ['session.reused', 'stranger'],
    ]);
  });

  it('105: shows a person nothing of another', async () => {
    const [one, other] = [await app.api.register(), await app.api.register()];
    await app.api.post('/api/auth/login', { email: one.account['user'].email, password: 'not it' });
    expect(await actionsOf(other)).toEqual(['session.opened', 'account.created']);
    expect((await app.api.get(LOG)).status).toBe(401);
  });

  it('105: records nothing of a transaction that is rolled back, and everything of one that is committed', async () => {
    const { entries } = await verify();
    const log = app.app.get(AuditLog);
    const person = await app.api.register();
    const failing = units.run(async () => {
      await log.record({ action: passwordChangeAudit.changed, actor: person.userId, subject: person.userId });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await verify()).entries).toBe(entries + 2);
  });

  it('105: replaces an invalid request id, so that no entry can be forged', async () => {
    const person = await app.api.register();
    const change = { current_password: 'wrong', new_password: 'quiet river under seven stars' };
    await person.with({ 'x-request-id': '"}, {"action": "forged"' }).put('/api/users/me/password', change);
    const [entry] = await logOf(person);
    expect(entry?.['request_id']).toMatch(/^[\w-]{36}$/);
  });

  it('105: 40 concurrent entries of 20 people form one chain without a gap', async () => {
    const before = await verify();
    const people = await Promise.all(Array.from({ length: 20 }, () => app.api.register()));
    await Promise.all(
      people.flatMap((person) => [
        app.api.post('/api/auth/login', { email: person.account['user'].email, password: 'not it' }),
        person.get('/api/admin/users?reason=support'),
      ]),
    );
    const after = await verify();
    expect(after.brokenAt).toBeUndefined();
    expect(after.entries - before.entries).toBe(20 * 2 + 40);
  });

  it('105: is kept after the account is deleted, and does not identify its owner', async () => {
    const person = await app.api.register();
    const before = await verify();
    await person.delete('/api/users/me');
    const after = await verify();
    expect(after).toMatchObject({ entries: before.entries + 1, brokenAt: undefined });
    const rows = await app.db.rows('SELECT * FROM audit_entries');
    expect(rows).toHaveLength(after.entries);
    const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    expect(text).not.toContain(person.userId);
    expect(text).not.toContain(person.account['user'].email);
  });

  describe('105: reveals every change', () => {
    const at = (offset: bigint) => verify().then(({ entries }) => BigInt(entries) - offset);

    it.each([
      ['another action', "UPDATE audit_entries SET action = 'account.created' WHERE seq = ?"],
      ['another actor', 'UPDATE audit_entries SET actor = subject, subject = NULL WHERE seq = ?'],
      ['an entry taken out', 'DELETE FROM audit_entries WHERE seq = ?'],
    ])('105: %s', async (_, sql) => {
      await app.api.register();
      const seq = await at(3n);
      const [row] = await app.db.rows('SELECT * FROM audit_entries WHERE seq = ?', [seq]);
      await tamper(sql, [seq]);
      expect((await verify()).brokenAt).toBe(seq);
      await tamper('DELETE FROM audit_entries WHERE seq = ?', [seq]);
      const columns = Object.keys(row ?? {});
      await tamper(
        `INSERT INTO audit_entries (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
        Object.values(row ?? {}) as string[],
      );
      expect((await verify()).brokenAt).toBeUndefined();
    });

    it.each([
      ['behind its end', 1_000n],
      ['before its beginning', -7n],
    ])('105: an entry that was inserted %s', async (_, place) => {
      const seq = place < 0n ? place : await at(-place);
      await tamper(
        `INSERT INTO audit_entries (seq, at, action, fields, hash) VALUES (?, '2026-01-01 00:00:00.000', 'account.read', '[]', 'x')`,
        [seq],
      );
      expect((await verify()).brokenAt).toBe(seq);
      await tamper('DELETE FROM audit_entries WHERE seq = ?', [seq]);
      expect((await verify()).brokenAt).toBeUndefined();
    });

    it('105: reports no change for entries that are added during the check', async () => {
      const repository = app.app.get(AuditRepository);
      const bounds = vi.spyOn(repository, 'bounds').mockImplementationOnce(async () => {
        await app.api.register();
        return repository.bounds();
      });
      expect((await verify()).brokenAt).toBeUndefined();
      bounds.mockRestore();
    });

    it('105: reveals a removed end', async () => {
      const last = await at(0n);
      await tamper('DELETE FROM audit_entries WHERE seq = ?', [last]);
      expect((await verify()).brokenAt).toBe(last);
    });
  });
});
