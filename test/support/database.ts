import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { inject } from 'vitest';

export interface TestDatabase {
  /** For DATABASE_URL. */
  readonly url: string;
  drop(): Promise<void>;
}

/** Whether the database server of this project is available. If not, its tests are skipped. */
export const hasDatabase = (): boolean => inject('engine') === 'sqlite' || inject('mysqlUrl') !== '';

/** A new database with only the schema, on the engine of the running project. */
export const createDatabase = (): Promise<TestDatabase> => create(inject('template').copy);

/** A new database without any table, for tests about migrations. */
export const createEmptyDatabase = (): Promise<TestDatabase> => create('');

const create = (copy: string): Promise<TestDatabase> =>
  inject('engine') === 'sqlite' ? createFile(copy) : createSchema(inject('mysqlUrl'), copy);

async function createFile(copy: string): Promise<TestDatabase> {
  const directory = mkdtempSync(join(inject('template').directory, 'database-'));
  const file = join(directory, 'hale.sqlite');
  if (copy) copyFileSync(copy, file);
  return {
    url: `sqlite:${file}`,
    drop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function createSchema(server: string, copy: string): Promise<TestDatabase> {
  const name = `${inject('template').prefix}${randomBytes(6).toString('hex')}`;
  const run = async (sql: string): Promise<void> => {
    const connection = await createConnection({ uri: server, multipleStatements: true });
    await connection.query(sql);
    await connection.end();
  };
  await run(`CREATE DATABASE ${name}; USE ${name}; ${copy}`);
  return { url: new URL(name, server).href, drop: () => run(`DROP DATABASE ${name}`) };
}
