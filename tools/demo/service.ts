import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.js';
import { startServer } from '../support/server.js';

/** The service with a temporary database. */
export interface ThrowAwayService {
  readonly url: string;
  /** Directory for the files of the phones; removed at the end. */
  readonly directory: string;
  /** The log of the service so far. */
  log(): string[];
  /** Creates a network for one phone, so that each can be offline separately. */
  openNetwork(): Promise<FaultProxy>;
  /** Registers work for the end of the demo, however it ends. */
  atEnd(work: () => Promise<unknown>): void;
}

/** Runs `use` with the service. Stops all processes and removes all files afterwards, also after an error or Ctrl-C. */
export async function withService<T>(use: (service: ThrowAwayService) => Promise<T>): Promise<T> {
  const closing: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (let last = closing.pop(); last; last = closing.pop()) await last();
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= closeAll());
  const interrupted = (): void => void close().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const directory = await mkdtemp(join(tmpdir(), 'hale-demo-'));
    closing.push(() => rm(directory, { recursive: true, force: true }));
    const server = await startServer(settings(directory));
    closing.push(() => server.stop());
    const openNetwork = async (): Promise<FaultProxy> => {
      const network = await startFaultProxy(Number(new URL(server.url).port));
      closing.push(() => network.close());
      return network;
    };
    const log = (): string[] => {
      const { stdout, stderr } = server.output();
      return `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    };
    const atEnd = (work: () => Promise<unknown>): void => void closing.push(work);
    return await use({ url: server.url, directory, log, openNetwork, atEnd });
  } finally {
    await close();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

const settings = (directory: string): Record<string, string> => ({
  DATABASE_URL: `sqlite:${join(directory, 'hale.sqlite')}`,
  PORT: '0',
  LOG_LEVEL: 'info',
  RATE_LIMIT_PER_MINUTE: '10000',
  JWT_SECRET: randomBytes(48).toString('base64url'),
});
