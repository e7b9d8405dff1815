interface PeriodicTaskOptions {
  readonly work: () => Promise<void>;
  /** The interval, which may change. */
  readonly everyMs: () => number;
  /** The interval at which the task checks whether `everyMs` has passed. */
  readonly tickMs: number;
  readonly report: (error: unknown) => void;
}

/** Repeats work, but never runs it twice at the same time. A failure is reported once, until the work succeeds again. */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private startedAt = -Infinity;
  private hasFailed = false;

  constructor(private readonly options: PeriodicTaskOptions) {}

  start(): void {
    this.timer = setInterval(() => this.tick(), this.options.tickMs).unref();
  }

  /** Runs at the next tick, whatever the interval. */
  runAtNextTick(): void {
    this.startedAt = -Infinity;
  }

  /** Stops the task. Resolves when a running work has ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private tick(): void {
    const moment = performance.now();
    // A tick is never exactly on time, so the work may run up to half a tick early.
    const due = this.startedAt + this.options.everyMs() - this.options.tickMs / 2;
    if (this.running || moment < due) return;
    this.startedAt = moment;
    this.running = this.run();
  }

  private async run(): Promise<void> {
    try {
      await this.options.work();
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.options.report(error);
      this.hasFailed = true;
    } finally {
      this.running = undefined;
    }
  }
}
