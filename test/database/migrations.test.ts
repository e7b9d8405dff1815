import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { writerOf } from '../../src/platform/database/connect.js';
import { drift, migrate, revert } from '../../src/platform/database/migrate.js';
import { schema } from '../../src/schema.js';
import { SECRET } from '../support/app.js';
import { command } from '../support/command.js';
import { createEmptyDatabase, hasDatabase, type TestDatabase } from '../support/database.js';

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
