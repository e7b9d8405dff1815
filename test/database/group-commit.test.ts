import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Database } from '../../src/platform/database/database.js';
import { Transaction } from '../../src/platform/database/transaction.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { UsersService } from '../../src/modules/identity/users/users.service.js';
import { TestApp } from '../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

/** Counts commits, and refuses one from outside the product. */
class CountedUnits extends UnitOfWork {
  commits = 0;
  isRefusing = false;
  beforeCommitting = (): void => undefined;

  protected override get groupLimits() {
    return { units: 100, ms: Infinity };
  }

  protected override async commit(transaction: Transaction): Promise<void> {
    this.commits += 1;
    this.beforeCommitting();
    if (this.isRefusing) throw new Error('commit refused by the test');
    await super.commit(transaction);
  }
}

describe.runIf(hasDatabase() && inject('engine') === 'sqlite')('units that share a COMMIT', () => {
  let database: TestDatabase;
  let app: TestApp;
  let units: CountedUnits;
  let users: UsersService;
  let number = 0;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({
      database,
      override: (builder) =>
        builder
          .overrideProvider(UnitOfWork)
          .useFactory({ factory: (db: Database) => (units = new CountedUnits(db)), inject: [Database] }),
    });
    users = app.app.get(UsersService);
  });
  afterAll(async () => {
    await app.stop();
    await database.drop();
  });
  beforeEach(() => {
    units.commits = 0;
    units.isRefusing = false;
    units.beforeCommitting = () => undefined;
  });

  const emails = async (): Promise<unknown[]> =>
    (await app.db.rows('SELECT email FROM users ORDER BY email')).map(({ email }) => email);
  const newEmails = (count: number): string[] =>
    Array.from({ length: count }, () => `group-${String(++number).padStart(5, '0')}@example.org`);
  const add = (email: string, passwordHash = 'x') => users.create({ email, passwordHash });
  const failing = (email: string) =>
    units.run(async () => {
      await add(email);
      throw new Error('its own fault');
    });
  const gate = () => {
    let open = (): void => undefined;
    return { opened: new Promise<void>((resolve) => (open = resolve)), open: () => open() };
  };

  it('a unit that comes alone has a COMMIT of its own', async () => {
    for (const email of newEmails(3)) await add(email);
    expect(units.commits).toBe(3);
  });

  it('those that come together have one, and their effects follow it in their order', async () => {
    const order: [number, number][] = [];
    const mine = newEmails(20);
    const results = await Promise.all(
      mine.map((email, place) =>
        units.run(async () => {
          units.afterCommit(() => order.push([place, units.commits]));
          await add(email);
          return place;
        }),
      ),
    );
    expect(units.commits).toBe(1);
    expect(results).toEqual(mine.map((_, place) => place));
    expect(order).toEqual(mine.map((_, place) => [place, 1]));
    expect(await emails()).toEqual(expect.arrayContaining(mine));
  });

  it.each([{ fails: [0] }, { fails: [1] }, { fails: [4] }, { fails: [0, 2, 4] }, { fails: [0, 1, 2, 3, 4] }])(
    'a unit that fails takes back only itself: $fails of 5',
    async ({ fails }) => {
      const mine = newEmails(5);
      const kept = mine.filter((_, place) => !fails.includes(place));
      const results = await Promise.allSettled(
        mine.map((email, place) => (fails.includes(place) ? failing(email) : add(email))),
      );
      for (const [place, result] of results.entries())
        expect(result).toMatchObject(
          fails.includes(place)
            ? { status: 'rejected', reason: { message: 'its own fault' } }
            : { status: 'fulfilled' },
        );
      expect((await emails()).filter((email) => mine.includes(email as string))).toEqual(kept);
    },
  );

  it('when COMMIT fails, every unit fails with it, and nothing is there', async () => {
    const mine = newEmails(5);
    const effects: string[] = [];
    units.isRefusing = true;
    const results = await Promise.allSettled(
      mine.map((email, place) =>
        place === 3
          ? failing(email)
          : units.run(async () => {
              units.afterCommit(() => effects.push(email));
              await add(email);
            }),
      ),
    );
    expect(results).toEqual(
      mine.map(() => ({ status: 'rejected', reason: new Error('commit refused by the test') })),
    );
    expect(effects).toEqual([]);
    units.isRefusing = false;
    const [next = ''] = newEmails(1);
    await add(next);
    const there = await emails();
    expect(there).toContain(next);
    expect(there.filter((email) => mine.includes(email as string))).toEqual([]);
  });

  it('nobody is answered before COMMIT, not even who failed because of what others wrote', async () => {
    const [taken = ''] = newEmails(1);
    let settled = 0;
    const before: number[] = [];
    units.beforeCommitting = () => before.push(settled);
    const note = () => void (settled += 1);
    const first = add(taken).finally(note);
    const second = add(taken).finally(note);
    await first;
    await expect(second).rejects.toMatchObject({ code: 'email-taken' });
    expect(before).toEqual([0]);
    expect(settled).toBe(2);
  });

  it('a reader outside sees nothing of a group that is open; a later unit of it does', async () => {
    const [first = '', second = ''] = newEmails(2);
    let outside: unknown[] = [];
    let inside: unknown[] = [];
    await Promise.all([
      add(first),
      units.run(async () => {
        outside = await app.db.units.exit(() => emails());
        inside = await emails();
        await add(second);
      }),
    ]);
    expect(units.commits).toBe(1);
    expect(outside).not.toContain(first);
    expect(inside).toContain(first);
  });

  it('what a unit leaves running cannot write into the next one', async () => {
    const [own = '', next = ''] = newEmails(2);
    const { opened, open } = gate();
    let left: Promise<unknown> = Promise.resolve();
    const first = units.run(async () => {
      await add(own);
      left = opened.then(() => app.db.execute('DELETE FROM users WHERE email = ?', [own]));
      left.catch(() => undefined);
    });
    const second = units.run(async () => {
      open();
      await expect(left).rejects.toThrow('outside a unit of work');
      await add(next);
    });
    await Promise.all([first, second]);
    expect(units.commits).toBe(1);
    expect(await emails()).toEqual(expect.arrayContaining([own, next]));
  });

  it('a unit for which there is no room takes nothing with it', async () => {
    const [innocent = '', greedy = ''] = newEmails(2);
    const kept = add(innocent);
    let tries = 0;
    const refused = units.run(async () => {
      tries += 1;
      await app.db.rows('PRAGMA max_page_count = 1');
      await add(greedy, 'x'.repeat(1_000_000));
    });
    await expect(refused).rejects.toThrow('no room');
    expect(tries).toBe(1);
    await kept;
    await units.run(() => app.db.rows('PRAGMA max_page_count = 4294967294'));
    expect((await emails()).filter((email) => email === innocent)).toEqual([innocent]);
    expect(await emails()).not.toContain(greedy);
  });

  it.each([{ next: 'fails' }, { next: 'goes on' }])(
    'when the transaction ends under a unit that then $next, the others run again and are committed once',
    async ({ next }) => {
      const [innocent = '', own = ''] = newEmails(2);
      let runs = 0;
      const kept = units.run(async () => {
        runs += 1;
        await add(innocent);
      });
      let ends = 0;
      const ending = units.run(async () => {
        await add(own);
        // What SQLite may do by itself after some errors, such as one of the disk.
        if (ends++ === 0) await app.db.unit?.runner.query('ROLLBACK');
        if (next === 'fails') throw new Error('its own fault');
      });
      const [first, second] = await Promise.allSettled([kept, ending]);
      expect(first.status).toBe('fulfilled');
      expect(second.status).toBe(next === 'fails' ? 'rejected' : 'fulfilled');
      expect(runs).toBe(2);
      const mine = (await emails()).filter((email) => [innocent, own].includes(email as string));
      expect(mine).toEqual(next === 'fails' ? [innocent] : [innocent, own]);
    },
  );

  it('a group does not grow without end', async () => {
    const mine = newEmails(250);
    await Promise.all(mine.map((email) => add(email)));
    expect(units.commits).toBeGreaterThanOrEqual(3);
    expect((await emails()).filter((email) => mine.includes(email as string))).toEqual(mine);
  });

  it('those of two events that wait together share one', async () => {
    const [one = '', other = ''] = newEmails(2);
    const second = new Promise((resolve) => setImmediate(() => resolve(add(other))));
    await Promise.all([add(one), second]);
    expect(units.commits).toBe(1);
  });

  it('a second connection to the file waits for an open group without holding the thread', async () => {
    const other = await TestApp.start({ database });
    const [here = '', there = ''] = newEmails(2);
    const { opened, open } = gate();
    const begin = vi.spyOn(Transaction, 'begin');
    try {
      const first = units.run(async () => {
        await add(here);
        await opened;
      });
      const second = other.app.get(UsersService).create({ email: there, passwordHash: 'x' });
      setImmediate(open);
      await Promise.all([first, second]);
      // A wait that held the thread would end with its time-out, and the unit would begin again.
      expect(begin).toHaveBeenCalledTimes(2);
      expect(await emails()).toEqual(expect.arrayContaining([here, there]));
    } finally {
      begin.mockRestore();
      await other.stop();
    }
  });

  it('a unit that waits for something is committed as soon as it ends, with those that came meanwhile', async () => {
    const [slow = '', ...others] = newEmails(4);
    const { opened, open } = gate();
    const first = units.run(async () => {
      await opened;
      await add(slow);
    });
    const rest = others.map((email) => add(email));
    setImmediate(open);
    await Promise.all([first, ...rest]);
    expect(units.commits).toBe(1);
    expect(await emails()).toEqual(expect.arrayContaining([slow, ...others]));
  });
});
