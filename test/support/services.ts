import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { TestProject } from 'vitest/node';
import { hasMariadb, startMariadb } from '../../scripts/support/mariadb.js';
import { findProgram, freePort, startProgram, untilSucceeds } from '../../scripts/support/programs.js';
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

const stops: (() => Promise<void>)[] = [];

/** Starts a private MariaDB (for the project that needs it) and Redis on free ports; never touches one that runs. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env['HALE_TEST_MYSQL_URL'] ?? '';
  const needsMariadb = project.config.provide.engine === 'mariadb' && !given;
  const redis = findProgram('redis-server');
  if (!redis) reportMissing('redis', 'what needs it is');
  if (needsMariadb && !hasMariadb()) reportMissing('mariadb', 'the suite on it is');
  project.provide('mysqlUrl', needsMariadb && hasMariadb() ? await startDatabase() : given);
  project.provide('redisUrl', redis ? await startRedis(redis) : '');
}

export async function teardown(): Promise<void> {
  for (const stop of stops.splice(0)) await stop();
}

/** Fast, not durable: what survives a crash of the database is not what these tests ask. */
async function startDatabase(): Promise<string> {
  const { url, stop } = await startMariadb({ durable: false });
  stops.push(stop);
  return url;
}

async function startRedis(redis: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-redis-'));
  const port = await freePort();
  const options = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', directory];
  stops.push(startProgram(redis, options, directory));
  const url = `redis://127.0.0.1:${port}`;
  await untilSucceeds(async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    await client.connect();
    client.disconnect();
  });
  return url;
}
