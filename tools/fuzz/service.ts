import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import SqliteDatabase from 'better-sqlite3';
import { createPool } from 'mysql2/promise';
import { type BenchDatabase, type Engine, openDatabase } from '../bench/databases.js';
import { type RunningServer, startServer } from '../support/server.js';
import type { Promote } from './people.js';

/** The service as its own process, on an empty database. */
export interface FuzzedService {
  readonly url: string;
  readonly promote: Promote;
  /** The memory of the process, in MiB; undefined where the system does not tell. */
  memory(): number | undefined;
  /** Stops it and removes the database. @returns what it wrote to stderr */
  stop(): Promise<string>;
}

/** Starts the service with limits that are not reached: a request over its limit would test nothing but the limit. */
export async function startFuzzed(engine: Engine): Promise<FuzzedService> {
  const database = await openDatabase(engine);
  try {
    const server = await startServer(settings(database.url));
    return running(server, database);
  } catch (error) {
    await database.drop();
    throw error;
  }
}

const settings = (databaseUrl: string): Record<string, string> => ({
  NODE_ENV: 'production',
  DATABASE_URL: databaseUrl,
  PORT: '0',
  PUBLIC_URL: 'http://localhost',
  JWT_SECRET: randomBytes(48).toString('base64url'),
  RATE_LIMIT_PER_MINUTE: '1000000',
  // Sign-ins are limited by address, so each sequence of requests has an address of its own.
  TRUST_PROXY: '1',
  API_DOCS: 'true',
  LOG_LEVEL: 'error',
  APP_LINKS: 'https://hale.example.org/signed-in',
});

function running(server: RunningServer, database: BenchDatabase): FuzzedService {
  const changes = openChanges(database.url);
  return {
    url: server.url,
    promote: async (userId, role) => {
      await changes.run('UPDATE users SET role = ?, email_verified_at = created_at WHERE id = ?', [
        role,
        userId,
      ]);
      await changes.run('UPDATE sessions SET aal = 2 WHERE user_id = ?', [userId]);
    },
    memory: () => memoryOf(server.process.pid),
    stop: async () => {
      await changes.close();
      await server.stop();
      await database.drop();
      const { stdout, stderr } = server.output();
      return `${stdout}${stderr}`;
    },
  };
}

/** Changes rows without the service. */
function openChanges(url: string) {
  if (url.startsWith('sqlite:')) {
    const file = new SqliteDatabase(url.slice('sqlite:'.length), { timeout: 10_000 });
    return {
      run: async (sql: string, values: string[]) => void file.prepare(sql).run(...values),
      close: async () => void file.close(),
    };
  }
  const pool = createPool(url);
  return {
    run: async (sql: string, values: string[]) => void (await pool.execute(sql, values)),
    close: () => pool.end(),
  };
}

function memoryOf(pid = 0): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1_024);
  } catch {
    return undefined;
  }
}
