import { randomBytes } from 'node:crypto';
import { type Child, startChild } from './child.js';

/** The service as production runs it, with limits and token lifetimes no benchmark reaches. */
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
      JWT_SECRET: secret,
      RATE_LIMIT_PER_MINUTE: '1000000',
      ACCESS_TOKEN_TTL: '12h',
    },
  });
}

/** The same queries without a service around them. */
export const startBare = (databaseUrl: string): Promise<Child> =>
  startChild({ script: 'bare.js', ready: '/ready', env: { DATABASE_URL: databaseUrl } });

export const newSecret = (): string => randomBytes(48).toString('base64url');
