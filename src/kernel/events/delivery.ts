/** A handler throws this when another attempt cannot succeed. The message is then dropped and not tried again. */
export class Undeliverable extends Error {}

/** Another instance has claimed the message, because the lease of this instance has ended. */
export class LeaseLostError extends Error {}

/** One attempt to hand an event to one subscriber. The same event may be delivered more than once. */
export class Delivery {
  /**
   * @param id The same in every attempt, and different for each subscriber. When the handler calls another system, pass it on
   *   as an idempotency key, such as `Message-ID` or `Idempotency-Key`.
   * @param attempt 1 for the first attempt.
   * @param publishedAt When the event was published.
   * @param signal Aborted when the attempt has taken too long (one minute).
   */
  constructor(
    readonly id: string,
    readonly attempt: number,
    readonly publishedAt: Date,
    readonly signal: AbortSignal,
    private readonly removeMessage: (work: () => Promise<void>) => Promise<void>,
  ) {}

  /**
   * Runs `work` in the unit of work that also removes the message from the outbox: both commit, or neither. So `work` writes
   * to the database exactly once, even if the process dies or the lease ends.
   * @throws LeaseLostError when another instance has claimed the message; `work` does not run then.
   */
  once(work: () => Promise<void>): Promise<void> {
    return this.removeMessage(work);
  }
}
