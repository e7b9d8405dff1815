import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { startMariadb } from '../support/mariadb.js';

export const SETUPS = ['sqlite', 'mariadb', 'mariadb-two'] as const;
export type Setup = (typeof SETUPS)[number];

/** Creates the databases of a run; each round gets an empty one. */
export interface Databases {
  create(): Promise<string>;
  close(): Promise<void>;
}

export const openDatabases = (setup: Setup): Promise<Databases> => (setup === 'sqlite' ? files() : schemas());

export const processesOf = (setup: Setup): number => (setup === 'mariadb-two' ? 2 : 1);

async function files(): Promise<Databases> {
  const directory = mkdtempSync(join(tmpdir(), 'hale-chaos-sqlite-'));
  let count = 0;
  return {
    create: async () => `sqlite:${join(directory, `${++count}.sqlite`)}`,
    close: async () => rmSync(directory, { recursive: true, force: true }),
  };
}

async function schemas(): Promise<Databases> {
  const server = await startMariadb({ durable: true });
  return {
    create: async () => {
      const name = `hale_${randomBytes(6).toString('hex')}`;
      const connection = await createConnection(server.url);
      await connection.query(`CREATE DATABASE ${name}`);
      await connection.end();
      return new URL(name, server.url).href;
    },
    close: () => server.stop(),
  };
}
