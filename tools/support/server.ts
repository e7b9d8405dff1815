import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { builtFile } from './built.js';

const START_DEADLINE_MS = 60_000;
/** Longer than the service itself waits before it forces its end. */
const STOP_DEADLINE_MS = 20_000;
const KEPT_OUTPUT = 1024 * 1024;
const ADDRESS = /\bhttps?:\/\/(?:\[[\da-f:]+\]|[\w.-]+):\d+/i;

/** The only variables of this process that the service gets: a developer's own settings must not change it. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot', 'NODE_V8_COVERAGE'];

type Child = ChildProcessByStdio<null, Readable, Readable>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The service as a separate process. */
export interface RunningServer {
  /** Its URL, for example `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Asks it to stop (SIGTERM) and waits; kills it after twenty seconds. */
  stop(): Promise<Exit>;
  /** Kills it (SIGKILL) and waits, like a crash or a power cut. */
  kill(): Promise<Exit>;
  /** Its output so far on stdout and stderr (the last megabyte of each). */
  output(): { readonly stdout: string; readonly stderr: string };
}

/**
 * Starts the built service with exactly the given settings and waits until it prints its URL. Rejects with its stderr if it
 * ends before that. The child never outlives this process.
 */
export async function startServer(
  env: Readonly<Record<string, string>>,
  main = builtFile('src/main.js'),
): Promise<RunningServer> {
  const child = spawn(process.execPath, [main], {
    // Not the current directory, because the service would read its .env file.
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

/** Reads all output, so that the child does not block on a full pipe. */
function lastOf(stream: Readable): () => string {
  let kept = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-KEPT_OUTPUT);
  });
  return () => kept;
}

/** Waits for `close` and not `exit`: by then all output of the child has been read. */
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
