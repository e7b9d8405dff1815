import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtFile } from '../../tools/support/built.js';
import { SECRET } from './app.js';
import type { TestDatabase } from './database.js';

const run = promisify(execFile);

interface CommandOptions {
  readonly arguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The content of `.env` in the working directory of the command. */
  readonly envFile?: string;
}

/** Runs a built command on a database, in its own directory. It rejects when the exit code is not 0. */
export async function command(
  name: string,
  { url }: TestDatabase,
  { arguments: given = [], env = {}, envFile = '' }: CommandOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  const cwd = await mkdtemp(join(tmpdir(), 'hale-command-'));
  try {
    await writeFile(join(cwd, '.env'), envFile);
    return await run(process.execPath, [builtFile(`src/commands/${name}.js`), ...given], {
      cwd,
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: url, JWT_SECRET: SECRET, ...env },
    });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
