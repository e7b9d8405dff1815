import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, untilSucceeds } from '../support/programs.js';

const STOP_DEADLINE_MS = 15_000;
/** Short enough to measure a start of half a second. */
const POLL_MS = 10;
/** The unit of process times on Linux, on every architecture that Node supports. */
const TICKS_PER_SECOND = 100;

/** A compiled program that runs as a separate process. */
export interface Child {
  /** URL of the program. */
  readonly url: string;
  /** From the start of the process to its first answer. */
  readonly startSeconds: number;
  readonly pid: number | undefined;
  /** Resident memory in MiB. Like {@link cpu}, NaN on systems other than Linux. */
  memory(): number;
  /** Seconds of processor time used. Unlike throughput, other load of the machine hardly changes it. */
  cpu(): number;
  stop(): Promise<void>;
}

interface Program {
  /** The compiled file, relative to this one. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** A path that answers 2xx once the program is ready. */
  readonly ready: string;
}

const children = new Set<ChildProcess>();
// The programs end with the benchmark, however it ends.
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** The log goes to /dev/null: it is written completely, as in production, but not read. */
export async function startChild({ script, env, node = [], ready }: Program): Promise<Child> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = performance.now();
  const child = spawn(process.execPath, [...node, fileURLToPath(new URL(script, import.meta.url))], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  await untilSucceeds(async () => {
    if (child.exitCode !== null) process.exit(1);
    if (!(await fetch(url + ready)).ok) throw new Error(`${script} does not become ready`);
  }, POLL_MS);
  const startSeconds = (performance.now() - start) / 1_000;
  return {
    url,
    startSeconds,
    pid: child.pid,
    memory: () => memoryOf(child),
    cpu: () => cpuOf(child),
    stop: () => stop(child),
  };
}

function memoryOf({ pid }: ChildProcess): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(aboutProcess(pid, 'status')) ?? [];
  return Number(kibibytes) / 1_024;
}

function cpuOf({ pid }: ChildProcess): number {
  // The fields after the name in parentheses, which may contain spaces: user and system time are the 12th and 13th.
  const fields = aboutProcess(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

const aboutProcess = (pid: number | undefined, file: string): string =>
  process.platform === 'linux' ? readFileSync(`/proc/${pid}/${file}`, 'utf8') : '';

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(deadline);
}
