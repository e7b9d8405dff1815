/** Work that is done again and again, never twice at once. A failure is reported once, until it succeeds again. */
export class Round {
  private running: Promise<void> | undefined;
  private startedAt = -Infinity;
  private hasFailed = false;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly report: (error: unknown) => void,
  ) {}

  /** Starts it, if the last time is that long ago; to be called on a beat at least as fast. */
  runEvery(ms: number): void {
    const moment = performance.now();
    if (this.running || moment - this.startedAt < ms) return;
    this.startedAt = moment;
    this.running = this.run();
  }

  /** Whatever the interval, the next beat starts it. */
  hurry(): void {
    this.startedAt = -Infinity;
  }

  /** Resolves when nothing is under way. */
  async settle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      await this.work();
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.report(error);
      this.hasFailed = true;
    } finally {
      this.running = undefined;
    }
  }
}
