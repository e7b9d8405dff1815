import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
/** Debian installs servers in directories that are not on the PATH of a normal user. */
const SERVER_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin'];

/** The path of a program; undefined if this machine does not have it. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_DIRECTORIES]
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));

/** A free port, for a program that cannot choose one itself. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const running = new Set<ChildProcess>();
// The programs end with this process, however it ends.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts a program that stores its files in `directory`.
 * @returns a function that kills it and removes the directory.
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

/** Polls a program that cannot report that it is ready. @throws the last error of `check` after a minute. */
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
