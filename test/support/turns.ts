import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Milliseconds of processor time that this thread has used. Unlike elapsed time, other load of the machine hardly changes it. */
function threadTime(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };
  if (!threadCpuUsage && process.platform === 'linux')
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  // Without the time of the thread, that of the process is an upper bound.
  const { user, system } = (threadCpuUsage ?? process.cpuUsage)();
  return (user + system) / 1e3;
}

/**
 * The longest time in milliseconds for which this thread used the processor without serving anything else, while `work` ran:
 * between two turns of its event loop all that is ready is served.
 */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let [longest, last, runs] = [0, threadTime(), true];
  const turn = (): void => {
    const now = threadTime();
    longest = Math.max(longest, now - last);
    last = now;
    if (runs) setImmediate(turn);
  };
  setImmediate(turn);
  await work().finally(() => (runs = false));
  turn();
  return longest;
}

export interface RemoteRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** A file with the body. */
  readonly file?: string;
}

const PROGRAM = `
  import { createInterface } from 'node:readline';
  import { readFileSync } from 'node:fs';
  for await (const line of createInterface({ input: process.stdin })) {
    const { url, file, ...init } = JSON.parse(line);
    const response = await fetch(url, file ? { ...init, body: readFileSync(file) } : init);
    const { byteLength } = await response.arrayBuffer();
    console.log(response.status, byteLength);
  }`;

/** A client in a process of its own, so that its work takes no time of this process. One request at a time. */
export class RemoteClient {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;

  constructor() {
    this.child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.child.stdout });
    this.answers = this.lines[Symbol.asyncIterator]();
  }

  /** @returns status and bytes of the answer. */
  async send(request: RemoteRequest): Promise<{ status: number; bytes: number }> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value } = (await this.answers.next()) as { value: string };
    const [status, bytes] = value.split(' ').map(Number);
    return { status: status ?? NaN, bytes: bytes ?? NaN };
  }

  stop(): void {
    this.child.kill();
  }
}
