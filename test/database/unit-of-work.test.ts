import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DatabaseBusyError, DatabaseUnavailableError } from '../../src/platform/database/errors.js';
import { Mutex, Turns } from '../../src/platform/database/mutex.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { UsersService } from '../../src/modules/users/public.js';
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

  it('commits as a whole or leaves nothing, also across nested units', async () => {
    const failing = units.run(async () => {
      await add('one@example.org');
      await units.run(() => add('two@example.org'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await emails()).toEqual([]);
  });

  it('F63 an acknowledged write survives the rollback of another that ran beside it', async () => {
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

  it('a reader outside never sees a row that is not committed', async () => {
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

  it('runs effects after the commit, and not at all without one', async () => {
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
  ])('what is acknowledged after a unit that failed is there: $failure', async ({ work }) => {
    await expect(units.run(work)).rejects.toThrow(/no room|FOREIGN KEY/);
    await units.run(() => app.db.rows('PRAGMA max_page_count = 4294967294'));
    const refused = units.run(() => add('half@example.org').then(() => Promise.reject(new Error('no'))));
    await expect(refused).rejects.toThrow('no');
    const email = `${randomUUID()}@example.org`;
    await add(email);
    // By the connection that only reads: it sees what is in the file.
    expect(await emails()).toContain(email);
    expect(await emails()).not.toContain('half@example.org');
  });

  it.runIf(inject('engine') === 'mariadb')(
    'a connection that is lost before COMMIT leaves nothing, and the next unit is served',
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

  it('what could not be rolled back becomes no part of the next unit', async () => {
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

  it('takes turns in the order of asking, and gives up in time', async () => {
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
