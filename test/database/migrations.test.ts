import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { writerOf } from '../../src/platform/database/connect.js';
import { localTime } from '../../src/kernel/quantities/local-time.js';
import { readInstant } from '../../src/platform/database/database.js';
import { drift, migrate, revert } from '../../src/platform/database/migrate.js';
import { schema } from '../../src/schema.js';
import { SECRET } from '../support/app.js';
import { command } from '../support/command.js';
import { createEmptyDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

const OLD = '2026-01-01 00:00:00';

describe.runIf(hasDatabase())('migrations', () => {
  let database: TestDatabase;
  const opened: DataSource[] = [];
  const open = async (): Promise<DataSource> => {
    const source = await writerOf(loadConfig({ DATABASE_URL: database.url, JWT_SECRET: SECRET }), schema);
    opened.push(await source.initialize());
    return source;
  };
  beforeEach(async () => {
    database = await createEmptyDatabase();
  });
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.destroy();
    await database.drop();
  });

  const lastOf = async (source: DataSource): Promise<string> => {
    const [row] = await source.query('SELECT name FROM migrations ORDER BY timestamp DESC LIMIT 1');
    return row.name;
  };

  /** Adds rows by one statement; columns that need a value and are not given have one of no meaning. */
  async function insertInto(source: DataSource, table: string, given: readonly Record<string, unknown>[]) {
    const columns = (await source.createQueryRunner().getTable(table))?.columns ?? [];
    const used = columns.filter(
      ({ name, isNullable, default: fallback }) =>
        name in (given[0] ?? {}) || (!isNullable && fallback == null),
    );
    const valueOf = (values: Record<string, unknown>, { name, type }: (typeof used)[number]) =>
      name in values
        ? values[name]
        : /char|text/.test(type)
          ? `${values['id']}`
          : /date/.test(type)
            ? OLD
            : 1;
    const row = `(${used.map(() => '?').join(', ')})`;
    await source.query(
      `INSERT INTO ${table} (${used.map(({ name }) => `\`${name}\``).join(', ')}) VALUES ${given.map(() => row).join(', ')}`,
      given.flatMap((values) => used.map((column) => valueOf(values, column))),
    );
  }

  /** The database's own description of every table. */
  async function describeSchema(source: DataSource): Promise<string[]> {
    const tables = schema.entities.map((entity) => source.getMetadata(entity).tableName).toSorted();
    if (source.options.type === 'better-sqlite3') {
      const rows: { sql: string }[] = await source.query(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'migrations' ORDER BY name",
      );
      return rows.map(({ sql }) => sql);
    }
    const texts: string[] = [];
    for (const table of tables) {
      const [row]: Record<string, string>[] = await source.query(`SHOW CREATE TABLE \`${table}\``);
      texts.push(row?.['Create Table'] ?? '');
    }
    return texts;
  }

  it('agree with the entities, and give the same schema after they run back and forward', async () => {
    const source = await open();
    expect(await migrate(source)).toHaveLength(schema.migrations.length);
    expect(await drift(source)).toEqual([]);
    const before = await describeSchema(source);
    for (const _ of schema.migrations) await revert(source);
    expect(
      await source.query('SELECT COUNT(*) AS count FROM migrations').then(([row]: any) => Number(row.count)),
    ).toBe(0);
    await migrate(source);
    expect(await describeSchema(source)).toEqual(before);
    expect(await migrate(source)).toEqual([]);
  });

  it('give weights of before the local day of the zone that their owner has, and their minute', async () => {
    const source = await open();
    await migrate(source);
    while ((await lastOf(source)) !== 'KeepLastUploads1700000000121') await revert(source);
    const zones = ['Pacific/Auckland', 'America/New_York'];
    for (const [user, zone] of zones.entries()) {
      const person = { id: `user-${user}`, pseudonym: `pseudonym-${user}`, time_zone: zone };
      await insertInto(source, 'users', [person]);
      const weights = Array.from({ length: 250 }, (_, index) => ({
        user_id: person.id,
        id: `weight-${index}`,
        timestamp: `2026-0${1 + (index % 9)}-07 03:30:00.000`,
        weight_kg: 75,
      }));
      await insertInto(source, 'weight_entries', weights);
    }
    await migrate(source);
    const rows: Record<string, unknown>[] = await source.query(
      'SELECT user_id, time_zone, timestamp, local_date, local_hour, utc_offset_min, clocks, measured_minute FROM weight_entries',
    );
    expect(rows).toHaveLength(500);
    for (const { user_id: user, time_zone: zone, timestamp, ...local } of rows) {
      expect(zone).toBe(zones[Number(String(user).at(-1))]);
      const at = localTime(readInstant(timestamp), String(zone));
      expect(local).toMatchObject({ local_hour: at.hour, utc_offset_min: at.offsetMin, clocks: '{}' });
      expect(Number(local['measured_minute'])).toBe(readInstant(timestamp).getTime() / 60_000);
      const { local_date: day } = local;
      expect(day instanceof Date ? day.toISOString().slice(0, 10) : day).toBe(at.date);
    }
  });

  it('run once when several instances start at the same time', async () => {
    const instance = () => command('migration', database, { arguments: ['run'] });
    const outputs = await Promise.all([instance(), instance(), instance()]);
    const ran = outputs.flatMap(({ stdout }) => stdout.match(/[A-Z]\w+\d{13}/g) ?? []);
    expect(ran.toSorted()).toEqual(schema.migrations.map(({ name }) => name).toSorted());
  });

  it('must have run before the schema is compared with the entities', async () => {
    const check = () => command('migration', database, { arguments: ['check'] });
    await expect(check()).rejects.toMatchObject({
      code: 1,
      stderr: 'Some migrations have not run on this database: use `npm run migration:run` first\n',
    });
    await command('migration', database, { arguments: ['run'] });
    expect(await check()).toEqual({ stdout: '', stderr: '' });
  });

  it('have the columns and indexes of FR-026', async () => {
    const source = await open();
    await migrate(source);
    const table = await source.createQueryRunner().getTable('weight_entries');
    const names = table?.columns.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'id',
        'user_id',
        'weight_value',
        'unit',
        'timestamp',
        'created_at',
        'updated_at',
        'deleted_at',
      ]),
    );
    const indexes = table?.indices.map(({ columnNames }) => columnNames.join());
    // An index that begins with the owner is also the index on the owner.
    expect(indexes).toEqual(expect.arrayContaining(['user_id,timestamp', 'timestamp']));
    expect(
      table?.foreignKeys.map(({ referencedTableName, onDelete }) => [
        referencedTableName.split('.').at(-1),
        onDelete,
      ]),
    ).toEqual([['users', 'CASCADE']]);
  });
});
