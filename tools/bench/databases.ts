import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { startMariadb } from '../support/mariadb.js';

export const ENGINES = ['sqlite', 'mariadb'] as const;
export type Engine = (typeof ENGINES)[number];

/** An empty, temporary database with durable commits. */
export interface BenchDatabase {
  readonly title: string;
  /** The value for DATABASE_URL. */
  readonly url: string;
  drop(): Promise<void>;
}

export const openDatabase = (engine: Engine): Promise<BenchDatabase> =>
  engine === 'sqlite' ? openFile() : openServer();

async function openFile(): Promise<BenchDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-bench-'));
  return {
    title: 'SQLite (WAL, synchronous=FULL)',
    url: `sqlite:${join(directory, 'hale.sqlite')}`,
    drop: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function openServer(): Promise<BenchDatabase> {
  const server = await startMariadb({ durable: true });
  const connection = await createConnection(server.url);
  // Production mode refuses a database without a password.
  const password = randomBytes(16).toString('hex');
  await connection.query('CREATE DATABASE hale');
  await connection.query('SET PASSWORD = PASSWORD(?)', [password]);
  const [rows] = await connection.query('SELECT VERSION() AS version');
  await connection.end();
  const url = new URL('hale', server.url);
  url.password = password;
  const [{ version }] = rows as [{ version: string }];
  return {
    title: `MariaDB ${version.split('-', 1)[0]} (innodb_flush_log_at_trx_commit=1)`,
    url: url.href,
    drop: () => server.stop(),
  };
}
