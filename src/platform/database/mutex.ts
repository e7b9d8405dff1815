import { DatabaseBusyError } from './errors.js';

interface Waiter {
  readonly start: () => void;
  readonly timer: NodeJS.Timeout;
}

/** A first-in, first-out lock. It limits how long a caller waits and how many callers wait. */
export class Mutex {
  private held = false;
  private readonly queue: Waiter[] = [];

  constructor(
    private readonly maxWaitMs: number,
    private readonly maxWaiters: number,
  ) {}

  get isHeld(): boolean {
    return this.held;
  }

  /**
   * Waits for its turn, runs `work`, and then starts the next caller, also when `work` fails.
   * @param work may call `leave` to start the next caller before it has ended.
   * @throws DatabaseBusyError when the turn does not come in time or too many wait; `work` has not started then.
   */
  async run<T>(work: (leave: () => void) => Promise<T>): Promise<T> {
    await this.acquire();
    let isIn = true;
    const leave = (): void => {
      if (isIn) this.release();
      isIn = false;
    };
    try {
      return await work(leave);
    } finally {
      leave();
    }
  }

  private acquire(): Promise<void> {
    if (!this.held) {
      this.held = true;
      return Promise.resolve();
    }
    if (this.queue.length >= this.maxWaiters)
      return Promise.reject(new DatabaseBusyError('write queue is full'));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        start: resolve,
        timer: setTimeout(() => {
          this.queue.splice(this.queue.indexOf(waiter), 1);
          reject(new DatabaseBusyError('write queue did not move in time'));
        }, this.maxWaitMs),
      };
      this.queue.push(waiter);
    });
  }

  private release(): void {
    const next = this.queue.shift();
    if (!next) {
      this.held = false;
      return;
    }
    clearTimeout(next.timer);
    next.start();
  }
}

/** One {@link Mutex} for each key: work under one key runs one at a time, and work under other keys does not wait. */
export class Turns {
  private readonly mutexes = new Map<string, { mutex: Mutex; users: number }>();

  constructor(
    private readonly maxWaitMs: number,
    private readonly maxWaiters: number,
  ) {}

  /** @throws DatabaseBusyError as {@link Mutex.run} */
  async run<T>(key: string, work: (leave: () => void) => Promise<T>): Promise<T> {
    const turn = this.mutexes.get(key) ?? { mutex: new Mutex(this.maxWaitMs, this.maxWaiters), users: 0 };
    this.mutexes.set(key, turn);
    turn.users += 1;
    try {
      return await turn.mutex.run(work);
    } finally {
      turn.users -= 1;
      if (turn.users === 0) this.mutexes.delete(key);
    }
  }
}
