import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
/** Debian keeps servers where a plain user's PATH does not look. */
const SERVER_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin'];

/** Where a program is, or undefined when this machine does not have it. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_DIRECTORIES]
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));

/** A port nobody listens on, for a program that cannot choose one itself. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const running = new Set<ChildProcess>();
// Whatever becomes of this process, its programs end with it.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts a program that keeps its files in `directory`.
 * @returns what ends it without ceremony, and removes the directory: nothing of it is kept.
 */
export function startProgram(
  command: string,
  options: readonly string[],
  directory: string,
): () => Promise<void> {
  const child = spawn(command, options, { stdio: 'ignore' });
  running.add(child);
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  return async () => {
    child.kill('SIGKILL');
    await exited;
    running.delete(child);
    rmSync(directory, { recursive: true, force: true });
  };
}

/** Polls a program that has no other way to say that it is up. @throws what `check` threw last, after a minute. */
export async function untilSucceeds(check: () => Promise<unknown>, everyMs = 50): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(everyMs);
    }
  }
}
