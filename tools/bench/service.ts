import { randomBytes } from 'node:crypto';
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

/** Starts the bare program, which runs the same queries. */
export const startBare = (databaseUrl: string): Promise<Child> =>
  startChild({ script: 'bare.js', ready: '/ready', env: { DATABASE_URL: databaseUrl } });

export const newSecret = (): string => randomBytes(48).toString('base64url');
