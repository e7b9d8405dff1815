import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DatabaseBusyError, DatabaseUnavailableError } from '../../src/platform/database/errors.js';
import { Mutex, Turns } from '../../src/platform/database/mutex.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { UsersService } from '../../src/modules/identity/users/users.service.js';
import { TestApp } from '../support/app.js';
import { hasDatabase } from '../support/database.js';

describe.runIf(hasDatabase())('unit of work', () => {
  let app: TestApp;
  let units: UnitOfWork;
  let users: UsersService;
  beforeAll(async () => {
    app = await TestApp.start();
    units = app.app.get(UnitOfWork);
    users = app.app.get(UsersService);
  });
  afterAll(() => app.stop());

  const emails = async (): Promise<unknown[]> =>
    (await app.db.rows('SELECT email FROM users ORDER BY email')).map(({ email }) => email);
  const add = (email: string, passwordHash = 'x') => users.create({ email, passwordHash });
  const gate = () => {
    let open = (): void => undefined;
    return { opened: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
  };

  it('commits completely or not at all, also with nested units', async () => {
    const failing = units.run(async () => {
      await add('one@example.org');
      await units.run(() => add('two@example.org'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await emails()).toEqual([]);
  });

  it('F63 an acknowledged write survives the rollback of a simultaneous unit', async () => {
    const { opened, open } = gate();
    const failing = units.run(async () => {
      await add('lost@example.org');
      await opened;
      throw new Error('no');
    });
    const kept = add('kept@example.org');
    open();
    await expect(failing).rejects.toThrow('no');
    await kept;
    expect(await emails()).toEqual(['kept@example.org']);
  });

  it('a reader outside never sees an uncommitted row', async () => {
    let seen: unknown[] = [];
    await units.run(async () => {
      await add('pending@example.org');
      seen = await app.db.units.exit(() => emails());
      expect(await emails()).toContain('pending@example.org');
    });
    expect(seen).not.toContain('pending@example.org');
    expect(await emails()).toContain('pending@example.org');
  });

  it('refuses a write outside a unit', async () => {
    await expect(app.db.execute('DELETE FROM users')).rejects.toThrow('outside a unit of work');
    expect(await emails()).not.toEqual([]);
  });

  it('runs effects after the commit, and not after a rollback', async () => {
    const effects: string[] = [];
    await units.run(async () => {
      units.afterCommit(() => effects.push('committed'));
      expect(effects).toEqual([]);
    });
    const failing = units.run(async () => {
      units.afterCommit(() => effects.push('never'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(effects).toEqual(['committed']);
  });

  it.runIf(inject('engine') === 'sqlite').each([
    {
      failure: 'SQLite ends it by itself, for want of room',
      work: async () => {
        await app.db.rows('PRAGMA max_page_count = 1');
        await add('half@example.org', 'x'.repeat(1_000_000));
      },
    },
    {
      failure: 'COMMIT is refused',
      work: async () => {
        await app.db.execute('PRAGMA defer_foreign_keys = ON');
        await add('half@example.org');
        await app.db.execute(`INSERT INTO sync_epochs VALUES ('nobody', 'epoch', 1, 1, '2026-01-01')`);
      },
    },
  ])('a write that is acknowledged after a failed unit is stored: $failure', async ({ work }) => {
    await expect(units.run(work)).rejects.toThrow(/no room|FOREIGN KEY/);
    await units.run(() => app.db.rows('PRAGMA max_page_count = 4294967294'));
    const refused = units.run(() => add('half@example.org').then(() => Promise.reject(new Error('no'))));
    await expect(refused).rejects.toThrow('no');
    const email = `${randomUUID()}@example.org`;
    await add(email);
    // Read by the read-only connection, which sees only what is in the file.
    expect(await emails()).toContain(email);
    expect(await emails()).not.toContain('half@example.org');
  });

  it.runIf(inject('engine') === 'mariadb')(
    'a connection that is lost before COMMIT leaves nothing, and the next unit works',
    async () => {
      const failing = units.run(async () => {
        await add('half@example.org');
        const [row] = await app.db.rows('SELECT CONNECTION_ID() AS id');
        await app.db.writer.query(`KILL ${Number(row?.['id'])}`);
      });
      await expect(failing).rejects.toBeInstanceOf(DatabaseUnavailableError);
      const email = `${randomUUID()}@example.org`;
      await add(email);
      expect(await emails()).toContain(email);
      expect(await emails()).not.toContain('half@example.org');
    },
  );

  it('a transaction that could not be rolled back does not become part of the next unit', async () => {
    const failing = units.run(async () => {
      await add('half@example.org');
      const runner = app.db.unit?.runner;
      if (runner) vi.spyOn(runner, 'query').mockRejectedValueOnce(new Error('no ROLLBACK'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    for (let next = 0; next < 2; next++) await units.run(() => add(`${randomUUID()}@example.org`));
    expect(await emails()).not.toContain('half@example.org');
    vi.restoreAllMocks();
  });

  it('runs units in the order of their calls, and fails those that wait too long', async () => {
    const mutex = new Mutex(20, 2);
    const { opened, open } = gate();
    const first = mutex.run(() => opened);
    const late = [mutex.run(async () => 'second'), mutex.run(async () => 'third')];
    await expect(mutex.run(async () => 'fourth')).rejects.toBeInstanceOf(DatabaseBusyError);
    for (const waiting of late) await expect(waiting).rejects.toBeInstanceOf(DatabaseBusyError);
    open();
    await first;
    expect(await mutex.run(async () => 'next')).toBe('next');
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((n) => new Turns(1_000, 10).run('key', async () => void order.push(n))));
    expect(order).toEqual([1, 2, 3]);
  });
});
