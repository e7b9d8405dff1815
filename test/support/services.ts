import 'reflect-metadata';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { hasMariadb, startMariadb } from '../../tools/support/mariadb.js';
import { findProgram, freePort, startProgram, untilSucceeds } from '../../tools/support/programs.js';
import { reportMissing } from './required.js';
import { schemaTemplate, sqliteTemplate, type Template } from './template.js';

declare module 'vitest' {
  interface ProvidedContext {
    engine: 'sqlite' | 'mariadb';
    /** A server on which tests may create databases; empty when there is none. */
    mysqlUrl: string;
    template: Template;
    /** An empty Redis that belongs to the tests; an empty text when there is none. */
    redisUrl: string;
  }
}

const stops: (() => Promise<void>)[] = [];

/** Starts a private MariaDB (if the project needs it) and Redis on free ports. It never uses servers that already run. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env['HALE_TEST_MYSQL_URL'] ?? '';
  const needsMariadb = project.config.provide.engine === 'mariadb' && !given;
  const redis = findProgram('redis-server');
  if (!redis) reportMissing('redis', 'the tests with Redis are');
  if (needsMariadb && !hasMariadb()) reportMissing('mariadb', 'the tests on MariaDB are');
  const mysqlUrl = needsMariadb && hasMariadb() ? await startDatabase() : given;
  project.provide('mysqlUrl', mysqlUrl);
  project.provide('redisUrl', redis ? await startRedis(redis) : '');
  project.provide('template', await makeTemplate(project.config.provide.engine, mysqlUrl));
}

async function makeTemplate(
  engine: ProvidedContext['engine'] | undefined,
  mysqlUrl: string,
): Promise<Template> {
  if (engine === 'mariadb' && mysqlUrl === '') return { directory: '', prefix: '', copy: '' };
  const { template, remove } = await (engine === 'mariadb' ? schemaTemplate(mysqlUrl) : sqliteTemplate());
  // Removed first, while its server still runs.
  stops.unshift(remove);
  return template;
}

export async function teardown(): Promise<void> {
  for (const stop of stops.splice(0)) await stop();
}

/** Fast but not durable, because these tests do not test a crash of the database. */
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
