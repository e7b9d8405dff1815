import { DatabaseBusyError } from './errors.js';

interface Waiter {
  readonly start: () => void;
  readonly timer: NodeJS.Timeout;
}

/** First in, first out, with a bound on how long and how many may wait. */
export class Mutex {
  private held = false;
  private readonly queue: Waiter[] = [];

  constructor(
    private readonly maxWaitMs: number,
    private readonly maxWaiters: number,
  ) {}

  /**
   * Waits for its turn, runs `work`, and lets the next one in, whatever became of it.
   * @throws DatabaseBusyError when the turn does not come in time; `work` has not been started then.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
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

/** One {@link Mutex} a key: work of one key takes turns, work of different keys does not wait for each other. */
export class Turns {
  private readonly mutexes = new Map<string, { mutex: Mutex; users: number }>();

  constructor(
    private readonly maxWaitMs: number,
    private readonly maxWaiters: number,
  ) {}

  /** @throws DatabaseBusyError as {@link Mutex.run} */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
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
