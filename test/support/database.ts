import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { inject } from 'vitest';

export interface TestDatabase {
  /** For DATABASE_URL. */
  readonly url: string;
  drop(): Promise<void>;
}

/** Whether this project's database server is there; its tests are skipped where it is not. */
export const hasDatabase = (): boolean => inject('engine') === 'sqlite' || inject('mysqlUrl') !== '';

/** A new, empty database on the engine of the running project. */
export async function createDatabase(): Promise<TestDatabase> {
  return inject('engine') === 'sqlite' ? createFile() : createSchema(inject('mysqlUrl'));
}

function createFile(): TestDatabase {
  const directory = mkdtempSync(join(tmpdir(), 'hale-sqlite-'));
  return {
    url: `sqlite:${join(directory, 'hale.sqlite')}`,
    drop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function createSchema(server: string): Promise<TestDatabase> {
  const name = `hale_${randomBytes(6).toString('hex')}`;
  const run = async (sql: string): Promise<void> => {
    const connection = await createConnection(server);
    await connection.query(sql);
    await connection.end();
  };
  await run(`CREATE DATABASE ${name}`);
  return { url: new URL(name, server).href, drop: () => run(`DROP DATABASE ${name}`) };
}
