import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, MoreThan, Not, Repository } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/config.js';
import { WeightEntry } from '../../src/modules/health/health-metrics/weight-entry.entity.js';
import { Passkey } from '../../src/modules/identity/passkeys/passkey.entity.js';
import { User } from '../../src/modules/identity/users/user.entity.js';
import { Database } from '../../src/platform/database/database.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { UnitOfWork } from '../../src/platform/database/unit-of-work.js';
import { schema } from '../../src/schema.js';
import { SECRET } from '../support/app.js';
import { createDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

/** Repositories as a module injects them. */
@Injectable()
class Accounts {
  constructor(
    @InjectRepository(User) readonly users: Repository<User>,
    @InjectRepository(Passkey) readonly passkeys: Repository<Passkey>,
    @InjectRepository(WeightEntry) readonly weights: Repository<WeightEntry>,
  ) {}
}

const AT = new Date('2026-03-01T09:30:00.123Z');
const newUser = (): User => ({
  id: randomUUID(),
  email: `${randomUUID()}@example.org`,
  emailVerifiedAt: null,
  passwordHash: 'x',
  role: 'user',
  disabledAt: null,
  displayName: null,
  locale: 'en',
  timeZone: 'UTC',
  weightUnit: 'kg',
  pseudonym: randomUUID().slice(0, 32),
  createdAt: AT,
  updatedAt: AT,
});
const newPasskey = (userId: string, counter = 0n): Passkey => ({
  id: randomUUID(),
  userId,
  credentialHash: randomUUID(),
  credentialId: 'id',
  publicKey: 'key',
  counter,
  transports: ['usb', 'nfc'],
  name: 'Key',
  backedUp: true,
  createdAt: AT,
  lastUsedAt: null,
});
const newWeight = (userId: string, weightValue: number, seq: number): WeightEntry => ({
  id: randomUUID(),
  userId,
  weightValue,
  unit: 'kg',
  weightKg: 81.234567,
  timestamp: AT,
  timeZone: 'Europe/Berlin',
  localDate: '2026-01-06',
  localHour: 8,
  utcOffsetMin: 60,
  source: 'manual',
  externalId: null,
  device: null,
  measuredMinute: 29_539_290,
  clocks: {},
  uploaded: null,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: null,
  version: 2_147_483_647,
  seq,
  modifiedAt: AT,
  modifiedCounter: 0,
  modifiedBy: '',
  modifiedSeq: 0,
});

describe.runIf(hasDatabase())('injected repositories', () => {
  const files = mkdtempSync(join(tmpdir(), 'hale-test-'));
  let target: TestDatabase;
  let app: INestApplicationContext;
  let database: Database;
  let units: UnitOfWork;
  let accounts: Accounts;
  let user: User;

  beforeAll(async () => {
    target = await createDatabase();
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: target.url,
      DATA_DIRECTORY: files,
      JWT_SECRET: SECRET,
    });
    app = await Test.createTestingModule({
      imports: [
        ConfigModule.with(config),
        DatabaseModule.with(schema),
        TypeOrmModule.forFeature([User, Passkey, WeightEntry]),
      ],
      providers: [Accounts],
    }).compile();
    database = app.get(Database);
    units = app.get(UnitOfWork);
    accounts = app.get(Accounts);
  });
  beforeEach(async () => {
    user = newUser();
    await units.run(() => accounts.users.insert(user));
  });
  afterAll(async () => {
    await app.close();
    rmSync(files, { recursive: true, force: true });
    await target.drop();
  });

  /** Runs outside the unit of work: sees what another request sees. */
  const outside = <T>(work: () => Promise<T>): Promise<T> => database.units.exit(work);
  const exists = (id: string) => outside(() => accounts.users.existsBy({ id }));

  it('two repositories in one unit commit together', async () => {
    const [other, passkey] = [newUser(), newPasskey(user.id)];
    await units.run(async () => {
      await accounts.users.insert(other);
      await accounts.passkeys.insert(passkey);
    });
    expect(await accounts.users.findOneBy({ id: other.id })).toEqual(other);
    expect(await accounts.passkeys.findOneBy({ id: passkey.id })).toEqual(passkey);
  });

  it('two repositories in one unit roll back together', async () => {
    const [other, passkey] = [newUser(), newPasskey(user.id)];
    const failing = units.run(async () => {
      await accounts.users.insert(other);
      await accounts.passkeys.insert(passkey);
      expect(await accounts.users.existsBy({ id: other.id })).toBe(true);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await exists(other.id)).toBe(false);
    expect(await accounts.passkeys.existsBy({ id: passkey.id })).toBe(false);
  });

  it('a read outside a unit sees no uncommitted row, by any method', async () => {
    const other = newUser();
    await units.run(async () => {
      await accounts.users.insert(other);
      await accounts.users.update({ id: user.id }, { displayName: 'uncommitted' });
      const { id } = other;
      expect(await exists(id)).toBe(false);
      await outside(async () => {
        expect(await accounts.users.find({ where: { id } })).toEqual([]);
        expect(await accounts.users.countBy({ id })).toBe(0);
        expect(await accounts.users.createQueryBuilder('u').where({ id }).getMany()).toEqual([]);
        expect(await accounts.users.createQueryBuilder('u').where({ id }).getRawMany()).toEqual([]);
        expect((await accounts.users.findOneBy({ id: user.id }))?.displayName).toBeNull();
      });
    });
    expect(await exists(other.id)).toBe(true);
  });

  const writes: Record<string, (accounts: Accounts, user: User) => Promise<unknown>> = {
    insert: ({ users }) => users.insert(newUser()),
    'save of a new row': ({ users }) => users.save(newUser()),
    'save of a known row': ({ users }, { id }) => users.save({ id, displayName: 'x' }),
    update: ({ users }, { id }) => users.update({ id }, { displayName: 'x' }),
    updateAll: ({ users }) => users.updateAll({ displayName: 'x' }),
    upsert: ({ users }, user) => users.upsert({ ...user, displayName: 'x' }, ['id']),
    increment: ({ passkeys }, { id: userId }) => passkeys.increment({ userId }, 'counter', 1),
    delete: ({ users }, { id }) => users.delete({ id }),
    deleteAll: ({ users }) => users.deleteAll(),
    clear: ({ passkeys }) => passkeys.clear(),
    remove: ({ users }, user) => users.remove(user),
    'query builder: insert': ({ users }) => users.createQueryBuilder().insert().values(newUser()).execute(),
    'query builder: update': ({ users }, { id }) =>
      users.createQueryBuilder().update().set({ displayName: 'x' }).where({ id }).execute(),
    'query builder: delete': ({ users }, { id }) =>
      users.createQueryBuilder().delete().where({ id }).execute(),
    'raw SQL': ({ users }) => users.query('DELETE FROM users'),
    'a transaction of its own': ({ users }) =>
      users.manager.transaction((manager) => manager.insert(User, newUser())),
    'the data source': async () => app.get(DataSource).manager.insert(User, newUser()),
    'a transaction of the data source': async () =>
      app.get(DataSource).transaction((manager) => manager.insert(User, newUser())),
    'a runner of the data source': async () =>
      app.get(DataSource).createQueryRunner().query('DELETE FROM users'),
  };

  it.each(Object.entries(writes))('refuses to write outside a unit: %s', async (_name, write) => {
    const before = await accounts.users.find({ order: { id: 'ASC' } });
    await expect(write(accounts, { ...user })).rejects.toThrow('A write outside a unit of work');
    expect(await accounts.users.find({ order: { id: 'ASC' } })).toEqual(before);
  });

  it('work that continues after its unit reads committed rows and cannot write', async () => {
    const other = newUser();
    // Bound to the unit, like a timer or a promise that is not awaited.
    const late = await units.run(async () => AsyncLocalStorage.bind(() => accounts.users.insert(other)));
    await expect(late()).rejects.toThrow('A write outside a unit of work');
    expect(await exists(other.id)).toBe(false);
  });

  it.each([
    ['manager.transaction', () => accounts.users.manager.transaction(async () => undefined)],
    ['startTransaction', () => database.unit?.runner.startTransaction()],
    ['commitTransaction', () => database.unit?.runner.commitTransaction()],
    ['rollbackTransaction', () => database.unit?.runner.rollbackTransaction()],
  ] as const)('TypeORM ends or nests no transaction inside a unit: %s', async (_name, nest) => {
    const other = newUser();
    const failing = units.run(async () => {
      await accounts.users.insert(other);
      await expect(nest()).rejects.toThrow('A transaction inside a unit of work');
      // The unit is not affected: this write belongs to it, too.
      await accounts.users.update({ id: other.id }, { displayName: 'x' });
      expect(await exists(other.id)).toBe(false);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await exists(other.id)).toBe(false);
  });

  it('TypeORM adds no transaction and no savepoint inside a unit', async () => {
    const sent: string[] = [];
    await units.run(async () => {
      const runner = database.unit?.runner as NonNullable<typeof database.unit>['runner'];
      const query = runner.query.bind(runner);
      vi.spyOn(runner, 'query').mockImplementation((...given: Parameters<typeof query>) => {
        sent.push(given[0].slice(0, 6));
        return query(...given);
      });
      await accounts.users.update({ id: user.id }, { displayName: 'x' });
      await accounts.users.save({ ...user, displayName: 'saved' });
      await accounts.passkeys.save([newPasskey(user.id), newPasskey(user.id)]);
      vi.restoreAllMocks();
    });
    expect(sent.filter((word) => !['SELECT', 'UPDATE', 'INSERT'].includes(word))).toEqual([]);
    expect(sent.filter((word) => word !== 'SELECT')).toEqual(['UPDATE', 'UPDATE', 'INSERT']);
    expect(await accounts.passkeys.countBy({ userId: user.id })).toBe(2);
  });

  it('an insert is one statement and does not change the entity', async () => {
    const weight = newWeight(user.id, 80, 1);
    const given = { ...weight };
    await units.run(async () => {
      const runner = database.unit?.runner as NonNullable<typeof database.unit>['runner'];
      const spy = vi.spyOn(runner, 'query');
      await accounts.weights.insert(given);
      expect(spy.mock.calls.map(([sql]) => sql.slice(0, 6))).toEqual(['INSERT']);
      expect(spy.mock.calls[0]?.[0]).not.toContain('RETURNING');
      spy.mockRestore();
    });
    expect(given).toEqual(weight);
  });

  it('an update with a condition returns whether the condition was true, also when no value changed', async () => {
    await units.run(async () => {
      const { id } = user;
      expect((await accounts.users.update({ id, role: 'user' }, { role: 'user' })).affected).toBe(1);
      expect((await accounts.users.update({ id, role: Not('user') }, { role: 'admin' })).affected).toBe(0);
      expect((await accounts.users.delete({ id, createdAt: MoreThan(AT) })).affected).toBe(0);
      expect((await accounts.users.delete({ id })).affected).toBe(1);
    });
  });

  it.each([0n, 1n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 63n - 1n])(
    'a bigint is exact: %s',
    async (counter) => {
      const passkey = newPasskey(user.id, counter);
      await units.run(async () => {
        await accounts.passkeys.insert(passkey);
        expect(await accounts.passkeys.findOneBy({ id: passkey.id, counter })).toEqual(passkey);
      });
      expect(await accounts.passkeys.findOneBy({ userId: user.id, counter })).toEqual(passkey);
      expect(await accounts.passkeys.countBy({ userId: user.id, counter: Not(counter) })).toBe(0);
    },
  );

  it.each([80, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.12345679, 72.39999999999999])(
    'a double, a decimal, an integer and an instant are exact: %s',
    async (value) => {
      const weight = newWeight(user.id, value, Number.MAX_SAFE_INTEGER);
      await units.run(() => accounts.weights.insert(weight));
      const stored = await accounts.weights.findOneBy({ userId: user.id, id: weight.id });
      expect(stored).toEqual(weight);
      expect(stored?.timestamp).toBeInstanceOf(Date);
      expect(stored?.timestamp.toISOString()).toBe('2026-03-01T09:30:00.123Z');
      const [row] = await database.rows('SELECT timestamp, version FROM weight_entries WHERE id = ?', [
        weight.id,
      ]);
      // The same values as the engine's own statements write and read them.
      expect(row).toEqual({ timestamp: '2026-03-01 09:30:00.123', version: 2_147_483_647 });
    },
  );

  it.runIf(inject('engine') === 'mariadb')('a unit that loses a deadlock runs again completely', async () => {
    const other = newUser();
    await units.run(() => accounts.users.insert(other));
    const waiting: (() => void)[] = [];
    /** Resolves when both units have locked their first row. */
    const met = (): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length >= 2) for (const go of waiting) go();
      });
    let attempts = 0;
    const both = (first: string, second: string, displayName: string) =>
      units.run(async () => {
        attempts += 1;
        await accounts.passkeys.insert(newPasskey(first));
        await accounts.users.update({ id: first }, { displayName });
        await met();
        await accounts.users.update({ id: second }, { displayName });
      });
    await Promise.all([both(user.id, other.id, 'one'), both(other.id, user.id, 'two')]);
    expect(attempts).toBe(3);
    const [a, b] = [
      await accounts.users.findOneBy({ id: user.id }),
      await accounts.users.findOneBy({ id: other.id }),
    ];
    expect(a?.displayName).toBe(b?.displayName);
    // The first write of the loser was rolled back, so it is written only once.
    expect(await accounts.passkeys.countBy({ userId: user.id })).toBe(1);
    expect(await accounts.passkeys.countBy({ userId: other.id })).toBe(1);
  });
});
