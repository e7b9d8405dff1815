import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { memoryDirectory } from './memory-directory.js';
import { findProgram, freePort, startProgram, untilSucceeds } from './programs.js';

/** A private database server on a free port; its files are removed with it. */
interface PrivateMariadb {
  /** URL of the administrator, without a database: `mysql://root@127.0.0.1:<port>/`. */
  readonly url: string;
  stop(): Promise<void>;
}

interface MariadbOptions {
  /** Whether a commit is on the disk before it is acknowledged, as in production. */
  readonly durable: boolean;
}

export const hasMariadb = (): boolean => findProgram('mariadbd') !== undefined;

/** Starts a private MariaDB. @throws Error if there is no `mariadbd`. */
export async function startMariadb({ durable }: MariadbOptions): Promise<PrivateMariadb> {
  const mariadbd = findProgram('mariadbd');
  if (mariadbd === undefined) throw new Error('mariadbd is not on the PATH');
  const directory = mkdtempSync(join(durable ? tmpdir() : memoryDirectory(), 'hale-mariadb-'));
  const port = await freePort();
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const own = ['--no-defaults', `--datadir=${directory}`, ...asRoot];
  install(own);
  const address = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(directory, 'socket')}`];
  const size = ['--innodb-buffer-pool-size=128M', '--max-connections=400', '--skip-log-bin'];
  const flush = `--innodb-flush-log-at-trx-commit=${durable ? 1 : 0}`;
  const stop = startProgram(mariadbd, [...own, ...address, ...size, flush], directory);
  const url = `mysql://root@127.0.0.1:${port}/`;
  await untilSucceeds(async () => (await createConnection(url)).end());
  return { url, stop };
}

function install(own: readonly string[]): void {
  const options = [...own, '--auth-root-authentication-method=normal', '--skip-test-db'];
  execFileSync(findProgram('mariadb-install-db') ?? 'mariadb-install-db', options, { stdio: 'ignore' });
}
