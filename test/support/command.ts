import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SECRET } from './app.js';
import type { TestDatabase } from './database.js';

const run = promisify(execFile);

interface CommandOptions {
  readonly arguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What `.env` says where the command is run. */
  readonly envFile?: string;
}

/** Runs a script as `npm test` has built it, on a database, in a directory of its own. Rejects unless it ends with 0. */
export async function command(
  name: string,
  { url }: TestDatabase,
  { arguments: given = [], env = {}, envFile = '' }: CommandOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  const cwd = await mkdtemp(join(tmpdir(), 'hale-command-'));
  try {
    await writeFile(join(cwd, '.env'), envFile);
    return await run(process.execPath, [resolve(`dist/scripts/${name}.js`), ...given], {
      cwd,
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: url, JWT_SECRET: SECRET, ...env },
    });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
