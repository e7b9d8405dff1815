import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Child, startChild } from './child.js';

/** Starts the service as in production, with limits and token lifetimes that a benchmark does not reach. */
export function startService(
  databaseUrl: string,
  secret: string,
  profileDirectory: string | undefined,
): Promise<Child> {
  return startChild({
    script: '../../src/main.js',
    ready: '/health/ready',
    node: profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`],
    env: {
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      // The issuer of tokens: people sign in at one process, and another one is measured on its own port.
      PUBLIC_URL: 'http://localhost',
      JWT_SECRET: secret,
      RATE_LIMIT_PER_MINUTE: '1000000',
      ACCESS_TOKEN_TTL: '12h',
    },
  });
}

/** Begins a new epoch for everybody, as after a restore: all digests are missing then. */
export async function beginEpochs(databaseUrl: string, secret: string): Promise<void> {
  const script = fileURLToPath(new URL('../../src/commands/sync.js', import.meta.url));
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, JWT_SECRET: secret };
  await promisify(execFile)(process.execPath, [script, 'new-epoch'], { env });
}

/** Starts the bare program, which runs the same queries. */
export const startBare = (databaseUrl: string): Promise<Child> =>
  startChild({ script: 'bare.js', ready: '/ready', env: { DATABASE_URL: databaseUrl } });

export const newSecret = (): string => randomBytes(48).toString('base64url');
