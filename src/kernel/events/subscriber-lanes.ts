/** The number of messages of one subscriber that one instance delivers at the same time. */
const LANES = 3;

/**
 * Delivers the messages of one subscriber, a few at a time. Each subscriber has its own lanes, so a subscriber that is slow
 * or fails does not delay the others.
 */
export class SubscriberLanes {
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStopping = false;

  /** @param next delivers one due message, and resolves to whether there was one. It never rejects. */
  constructor(private readonly next: (onClaimed: () => void) => Promise<boolean>) {}

  /** Resolves when all messages that are due now were tried. */
  run(): Promise<void> {
    if (this.isStopping) return Promise.resolve();
    // A current run may have queried before the new message was committed, so it must query once more.
    this.isWanted = true;
    this.running ??= this.untilEmpty();
    return this.running;
  }

  /** Stops new deliveries. Resolves when the current deliveries have ended. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  private async untilEmpty(): Promise<void> {
    while (this.isWanted && !this.isStopping) {
      this.isWanted = false;
      await this.lane(1);
    }
    this.running = undefined;
  }

  /** The next lane starts only when this one has found a message, because each lane costs a query. */
  private async lane(number: number): Promise<void> {
    let another: Promise<void> | undefined;
    const onClaimed = (): void => {
      if (number < LANES) another ??= this.lane(number + 1);
    };
    while (!this.isStopping && (await this.next(onClaimed)));
    await another;
  }
}
