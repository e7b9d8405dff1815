import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../src/app.module.js';
import { applicationOptions, setUp } from '../src/app.setup.js';
import { loadConfig } from '../src/config/config.js';
import { createAdapter } from '../src/kernel/http/fastify.js';
import { describeApi } from '../src/modules/operations/docs/openapi.js';

/* `npm run openapi` writes openapi.json; with `--check` it only checks whether the committed file is up to date. */
const FILE = 'openapi.json';

/** Reads the document from the service itself, on a temporary database; no port is opened. */
async function describeService(directory: string): Promise<string> {
  // Only these settings: neither a .env file nor the shell may change the document.
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: `sqlite:${join(directory, 'hale.sqlite')}`,
    JWT_SECRET: 'signs-nothing-Zk3vQ9xW2mB7rT4yU8iP1sL6',
    LOG_LEVEL: 'silent',
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config),
    createAdapter(config),
    applicationOptions,
  );
  try {
    await setUp(app);
    return `${JSON.stringify(describeApi(app), null, 2)}\n`;
  } finally {
    await app.close();
  }
}

async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-openapi-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function committed(): string | undefined {
  try {
    return readFileSync(FILE, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const text = await inTemporaryDirectory(describeService);
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
  console.log(`${FILE}: written`);
} else if (committed() !== text) {
  console.error(`${FILE} is not what the service answers: run \`npm run postman\` and commit the result.`);
  process.exitCode = 1;
}
