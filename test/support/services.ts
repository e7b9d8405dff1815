import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import type { TestProject } from 'vitest/node';
import { reportMissing } from './required.js';

declare module 'vitest' {
  interface ProvidedContext {
    engine: 'sqlite' | 'mariadb';
    /** A server on which tests may create databases, or empty where there is none. */
    mysqlUrl: string;
    /** An empty Redis of the tests' own, or empty where there is none. */
    redisUrl: string;
  }
}

const children: { process: ChildProcess; directory: string }[] = [];

/** Starts a private MariaDB (for the project that needs it) and Redis on free ports; never touches one that runs. */
export async function setup(project: TestProject): Promise<void> {
  const engine = project.config.provide.engine;
  const redis = program('redis-server');
  const mysql = process.env['HALE_TEST_MYSQL_URL'] ?? '';
  const mariadbd = engine === 'mariadb' && !mysql ? program('mariadbd') : undefined;
  if (!redis) reportMissing('redis', 'what needs it is');
  if (engine === 'mariadb' && !mysql && !mariadbd) reportMissing('mariadb', 'the suite on it is');
  project.provide('mysqlUrl', mysql || (mariadbd ? await startMariadb(mariadbd) : ''));
  project.provide('redisUrl', redis ? await startRedis(redis) : '');
}

export async function teardown(): Promise<void> {
  for (const { process: child, directory } of children.splice(0)) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  }
}

const program = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));

async function startMariadb(mariadbd: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-mariadb-'));
  const port = await freePort();
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const own = ['--no-defaults', `--datadir=${directory}`, ...asRoot];
  execFileSync(
    program('mariadb-install-db') ?? 'mariadb-install-db',
    [...own, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { stdio: 'ignore' },
  );
  const options = [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(directory, 'socket')}`,
    '--skip-log-bin',
  ];
  // Fast, not durable: what survives a crash of the database is not what these tests ask.
  const fast = [
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=128M',
    '--max-connections=400',
  ];
  start(mariadbd, [...own, ...options, ...fast], directory);
  const url = `mysql://root@127.0.0.1:${port}/`;
  await until(async () => (await createConnection(url)).end());
  return url;
}

async function startRedis(redis: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-redis-'));
  const port = await freePort();
  start(redis, ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', directory], directory);
  const url = `redis://127.0.0.1:${port}`;
  await until(async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    await client.connect();
    client.disconnect();
  });
  return url;
}

function start(command: string, args: string[], directory: string): void {
  children.push({ process: spawn(command, args, { stdio: 'ignore' }), directory });
}

/** Polls a server that has no other way to say that it is up. */
async function until(check: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(50);
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
