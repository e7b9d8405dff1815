import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const START_DEADLINE_MS = 60_000;
/** Longer than the service itself takes before it forces its end. */
const STOP_DEADLINE_MS = 20_000;
const KEPT_OUTPUT = 1024 * 1024;
const ADDRESS = /\bhttps?:\/\/(?:\[[\da-f:]+\]|[\w.-]+):\d+/i;

/** The only variables of this process the service sees: a developer's own settings must not steer it. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'NODE_V8_COVERAGE'];

type Child = ChildProcessByStdio<null, Readable, Readable>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service, running as a process of its own. */
export interface RunningServer {
  /** Where it listens, for example `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Asks it to finish (SIGTERM) and waits; one that does not finish in twenty seconds is killed. */
  stop(): Promise<Exit>;
  /** Ends it without warning (SIGKILL) and waits, as a crash or a power cut would. */
  kill(): Promise<Exit>;
  /** What it has written so far, to stdout and stderr (the last megabyte of each). */
  output(): { readonly stdout: string; readonly stderr: string };
}

/**
 * Starts the built service with exactly the given settings and waits until it says where it listens.
 * Rejects with what it wrote to stderr if it ends before that. The child never outlives this process.
 */
export async function startServer(env: Readonly<Record<string, string>>): Promise<RunningServer> {
  const main = entryPoint();
  const child = spawn(process.execPath, [main], {
    // Not the developer's directory, whose .env the service would read.
    cwd: dirname(main),
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithThisProcess(child);
  const stdout = lastOf(child.stdout);
  const stderr = lastOf(child.stderr);
  const ended = endOf(child);
  const kill = (): Promise<Exit> => {
    child.kill('SIGKILL');
    return ended;
  };
  const url = await addressOf(child, ended).catch(async (error: Error) => {
    await kill();
    throw new Error(`The service did not start: ${error.message}\n${stderr()}`.trim());
  });
  return {
    url,
    process: child,
    stop: () => stop(child, ended),
    kill,
    output: () => ({ stdout: stdout(), stderr: stderr() }),
  };
}

/** Beside this file when both are compiled; in the build directory when a test runner loads the source. */
function entryPoint(): string {
  const candidates = ['../../src/main.js', '../../dist/src/main.js'];
  const paths = candidates.map((relative) => fileURLToPath(new URL(relative, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  if (!found) throw new Error('The service is not built: run `npm run build` first.');
  return found;
}

function inherited(): Record<string, string> {
  const pairs = INHERITED.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

const running = new Set<ChildProcess>();

function endWithThisProcess(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', killAll);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) process.removeListener('exit', killAll);
  });
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Reading on for ever also keeps a chatty child from blocking on a full pipe. */
function lastOf(stream: Readable): () => string {
  let kept = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-KEPT_OUTPUT);
  });
  return () => kept;
}

/** `close` and not `exit`: by then everything the child wrote has been read. */
function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

async function addressOf(child: Child, ended: Promise<Exit>): Promise<string> {
  let deadline: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (reason: string): void => reject(new Error(reason));
      deadline = setTimeout(fail, START_DEADLINE_MS, `no address after ${START_DEADLINE_MS / 1000} s.`);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const address = ADDRESS.exec(line);
        if (address) resolve(address[0]);
      });
      child.once('error', reject);
      void ended.then(({ code, signal }) => fail(`it ended with ${signal ?? `exit code ${code}`}.`));
    });
  } finally {
    clearTimeout(deadline);
  }
}

async function stop(child: ChildProcess, ended: Promise<Exit>): Promise<Exit> {
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  try {
    return await ended;
  } finally {
    clearTimeout(deadline);
  }
}
