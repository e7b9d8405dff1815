import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BeginKeyWithOwner1700000000041 } from '../../migrations/1700000000041-begin-key-with-owner.js';
import { GiveWeightsALocalDay1700000000122 } from '../../migrations/1700000000122-give-weights-a-local-day.js';
import { loadConfig } from '../../src/config/config.js';
import { writerOf } from '../../src/platform/database/connect.js';
import { drift, migrate, revert } from '../../src/platform/database/migrate.js';
import { schema } from '../../src/schema.js';
import { SECRET } from '../support/app.js';
import { createEmptyDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

type Row = Readonly<Record<string, unknown>>;

describe.runIf(hasDatabase())('primary keys', () => {
  let database: TestDatabase;
  let source: DataSource;
  beforeEach(async () => {
    database = await createEmptyDatabase();
    const config = loadConfig({ DATABASE_URL: database.url, JWT_SECRET: SECRET });
    source = await (await writerOf(config, schema)).initialize();
    await migrate(source);
  });
  afterEach(async () => {
    await source.destroy();
    await database.drop();
  });

  const query = (sql: string, values: unknown[] = []): Promise<Row[]> => source.query(sql, values);
  const isSqlite = (): boolean => source.options.type === 'better-sqlite3';
  async function keyOf(table: string): Promise<unknown[]> {
    const rows = isSqlite()
      ? await query('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk', [table])
      : await query(
          `SELECT column_name AS name FROM information_schema.key_column_usage
           WHERE table_schema = DATABASE() AND table_name = ? AND constraint_name = 'PRIMARY' ORDER BY ordinal_position`,
          [table],
        );
    return rows.map(({ name }) => name);
  }

  it('of every owned table begin with the owner', async () => {
    const keys = source.entityMetadatas.filter(({ primaryColumns }) =>
      primaryColumns.some(({ databaseName }) => databaseName === 'user_id'),
    );
    expect(keys.length).toBeGreaterThan(5);
    for (const { tableName } of keys)
      expect([tableName, (await keyOf(tableName))[0]]).toEqual([tableName, 'user_id']);
    for (const table of ['weight_entries', 'meals', 'conflicts'])
      expect([table, await keyOf(table)]).toEqual([table, ['user_id', 'id']]);
  });

  const AT = "'2026-01-06 20:30:00.123'";
  /** Two people with many entries, some with the same id; SQL writes them, as no test has time for so many requests. */
  async function fill(): Promise<void> {
    for (const name of ['ada', 'bob']) {
      await query(
        `INSERT INTO users (id, email, password_hash, pseudonym, locale, time_zone, weight_unit, created_at, updated_at)
         VALUES (?, ?, '', ?, 'en', 'UTC', 'kg', ${AT}, ${AT})`,
        [randomUUID(), `${name}@example.org`, name],
      );
    }
    const id = isSqlite() ? "printf('%08d', n)" : "LPAD(n, 8, '0')";
    const numbers =
      'WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 900)';
    const rows = `SELECT ${isSqlite() ? `${id} || '-of-both'` : `CONCAT(${id}, '-of-both')`}, users.id, 70.1 + n / 7.0, 'kg', 70.1, ${AT}, ${AT}, ${AT},
        CASE WHEN n % 3 = 0 THEN ${AT} END, n, n, ${AT}, 0, 'phone', n
      FROM numbers, users`;
    const into =
      'INSERT INTO weight_entries (id, user_id, weight_value, unit, weight_kg, timestamp, created_at, updated_at, deleted_at, version, seq, modified_at, modified_counter, modified_by, modified_seq)';
    await query(isSqlite() ? `${numbers} ${into} ${rows}` : `${into} ${numbers} ${rows}`);
  }
  /** The rows, and everything else that belongs to the table. */
  async function contents(): Promise<unknown> {
    const table = await source.createQueryRunner().getTable('weight_entries');
    const entries = table?.columns.toSorted((a, b) => a.name.localeCompare(b.name));
    const indices = table?.indices.map(({ name, columnNames, isUnique, where }) => ({
      name,
      columnNames,
      isUnique,
      where,
    }));
    const keys = table?.foreignKeys.map(({ name, columnNames, onDelete, onUpdate }) => ({
      name,
      columnNames,
      onDelete,
      onUpdate,
    }));
    return {
      columns: entries?.map(({ name, type, isNullable, default: value }) => [name, type, isNullable, value]),
      indices: indices?.toSorted((a, b) => String(a.name).localeCompare(String(b.name))),
      keys,
      checks: table?.checks,
      rows: await query(
        `SELECT ${table?.columns
          .map(({ name }) => name)
          .toSorted()
          .join(', ')} FROM weight_entries ORDER BY user_id, id`,
      ),
    };
  }
  /** Reverts this migration and those after it. */
  async function revertTo(migration: string): Promise<void> {
    const applied = () => query('SELECT name FROM migrations WHERE name = ?', [migration]);
    while ((await applied()).length > 0) await revert(source);
  }

  it('of weight entries are changed in both directions without a change of the rows', async () => {
    // Later migrations give the entries more columns.
    await revertTo(GiveWeightsALocalDay1700000000122.name);
    await fill();
    const before = await contents();
    expect((before as { rows: Row[] }).rows).toHaveLength(1_800);
    const read: number[] = [];
    const runner = source.createQueryRunner();
    const original = runner.query.bind(runner);
    const spy = vi.spyOn(runner, 'query').mockImplementation(async (...given) => {
      const result: unknown = await original(...given);
      if (Array.isArray(result)) read.push(result.length);
      return result as never;
    });
    await revertTo(BeginKeyWithOwner1700000000041.name);
    expect(await keyOf('weight_entries')).toEqual(isSqlite() ? ['id', 'user_id'] : ['user_id', 'id']);
    // On SQLite all statements of a migration run on this runner. The database copies the rows by itself.
    expect(Math.max(0, ...read)).toBeLessThan(300);
    read.length = 0;
    expect(await contents()).toEqual(before);
    read.length = 0;
    await migrate(source);
    expect(Math.max(0, ...read)).toBeLessThan(300);
    spy.mockRestore();
    expect(await keyOf('weight_entries')).toEqual(['user_id', 'id']);
    expect(await drift(source)).toEqual([]);
    await revertTo(GiveWeightsALocalDay1700000000122.name);
    expect(await keyOf('weight_entries')).toEqual(['user_id', 'id']);
    expect(await contents()).toEqual(before);
    await query('DELETE FROM users WHERE email = ?', ['ada@example.org']);
    expect(await query('SELECT COUNT(*) AS n FROM weight_entries')).toMatchObject([
      { n: isSqlite() ? 900 : expect.anything() },
    ]);
  });
});
