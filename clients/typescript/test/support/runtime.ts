import { localLocks, type Runtime } from '../../src/runtime.js';

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

/** A device whose clock, random numbers and network are controlled by the test. */
export class TestRuntime implements Runtime {
  readonly lock: Runtime['lock'];
  readonly socket?: Runtime['socket'];
  online = true;
  visible = true;
  private readonly timers = new Set<Timer>();
  private wakers = new Set<() => void>();
  private state: number;

  constructor(
    readonly fetch: Runtime['fetch'],
    private time = Date.parse('2026-03-01T08:00:00.000Z'),
    seed = 1,
    socket?: Runtime['socket'],
    lock: Runtime['lock'] = localLocks(),
  ) {
    this.lock = lock;
    this.state = seed;
    if (socket) this.socket = socket;
  }

  now = (): number => this.time;

  random = (): number => {
    // mulberry32
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };

  bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(this.random() * 256));

  after = (milliseconds: number, work: () => void): (() => void) => {
    const timer = { at: this.time + milliseconds, work };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  findSocket = async (): Promise<undefined> => undefined;
  isOnline = (): boolean => this.online;
  isVisible = (): boolean => this.visible;

  onWake = (listener: () => void): (() => void) => {
    this.wakers.add(listener);
    return () => this.wakers.delete(listener);
  };

  wake(): void {
    for (const waker of this.wakers) waker();
  }

  /** The remaining time of each timer. */
  get due(): number[] {
    return [...this.timers].map(({ at }) => at - this.time).toSorted((a, b) => a - b);
  }

  /** Sets the clock without running timers, as when the person sets it or the device slept. */
  setClock(time: number): void {
    this.time = time;
  }

  /** Moves the clock forward and runs the timers that are due, to their end. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await quiet();
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.work();
      await quiet();
    }
    this.time = end;
  }
}

/** Resolves when all work that needs no timer is done. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
