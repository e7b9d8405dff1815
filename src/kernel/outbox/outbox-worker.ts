import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../platform/background.js';
import { Clock } from '../../platform/clock.js';
import { describeError, Logger } from '../../platform/logger.js';
import { BrokenSealError } from '../../platform/secrets/secret-box.js';
import { type Claim, OutboxQueue } from './outbox-queue.js';
import { Undeliverable } from './undeliverable.js';

/** Delivers one message; it may be called again for a message whose delivery was not noted. */
export type Handler = (payload: unknown, id: string) => Promise<void>;

/** For what other instances left behind, or this one must try again; what it put there itself wakes it. */
const POLL_MS = 5_000;
/** Messages under way at once. */
const LANES = 3;
/** Half of a claim: nobody else has taken the message when it is given up here. */
const HANDLER_MS = 60_000;
/** What takes longer to finish on shutdown is taken over by another instance. */
const STOP_MS = 5_000;
const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 3_600_000;

/**
 * Delivers what the outbox holds, at least once, outside of any transaction. What fails is tried again, later and later,
 * until it expires.
 */
@Injectable()
export class OutboxWorker implements OnModuleDestroy {
  private readonly handlers = new Map<string, Handler>();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStopping = false;
  private hasFailed = false;

  constructor(
    private readonly queue: OutboxQueue,
    private readonly clock: Clock,
    private readonly logger: Logger,
    background: Background,
  ) {
    background.add(() => this.start());
  }

  /** Registers what delivers a topic; to be called before the application has started. */
  on(topic: string, handler: Handler): void {
    this.handlers.set(topic, handler);
  }

  start(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS).unref();
    this.wake();
  }

  /** Before the database closes. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await Promise.race([this.running, pause(STOP_MS, undefined, { ref: false })]);
  }

  /** There is something to deliver. A process that does not serve leaves it to those that do. */
  wake(): void {
    if (this.timer) void this.drain();
  }

  /** Resolves when everything that is due now has been tried. Never rejects. */
  drain(): Promise<void> {
    if (this.isStopping) return Promise.resolve();
    // One that is running may have looked already, before what it was woken for was there.
    this.isWanted = true;
    this.running ??= this.run();
    return this.running;
  }

  private async run(): Promise<void> {
    while (this.isWanted && !this.isStopping) {
      this.isWanted = false;
      await Promise.all(Array.from({ length: LANES }, () => this.lane()));
    }
    this.running = undefined;
  }

  /** The database being away ends this round, never the process. It is reported once, until it is back. */
  private async lane(): Promise<void> {
    try {
      while (!this.isStopping && (await this.next()));
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed)
        this.logger.warn({ component: 'outbox', ...describeError(error) }, 'outbox was not read');
      this.hasFailed = true;
    }
  }

  /** @returns whether there was one. */
  private async next(): Promise<boolean> {
    const claim = await this.queue.claim([...this.handlers.keys()], this.clock.date());
    if (!claim) return false;
    if (claim.expiresAt <= this.clock.date()) await this.drop(claim, 'expired');
    else await this.deliver(claim);
    return true;
  }

  private async deliver(claim: Claim): Promise<void> {
    const handler = this.handlers.get(claim.topic);
    try {
      await inTime(handler?.(this.queue.open(claim), claim.id));
    } catch (error) {
      if (error instanceof Undeliverable) return this.drop(claim, 'undeliverable', error);
      if (error instanceof BrokenSealError) return this.drop(claim, 'unreadable', error);
      return this.retry(claim, error);
    }
    await this.queue.remove(claim);
  }

  private async retry(claim: Claim, error: unknown): Promise<void> {
    const dueAt = new Date(this.clock.now() + delayAfter(claim.attempts));
    if (dueAt >= claim.expiresAt) return this.drop(claim, 'expired', error);
    this.logger.warn(report(claim, 'delayed', error), 'message was not delivered, and will be tried again');
    await this.queue.postpone(claim, dueAt);
  }

  private async drop(claim: Claim, why: string, error?: unknown): Promise<void> {
    this.logger.warn(report(claim, why, error), 'message was dropped');
    await this.queue.remove(claim);
  }
}

const report = ({ topic }: Claim, what: string, error: unknown): object => ({
  component: 'outbox',
  event: `${topic}-${what}`,
  ...(error === undefined ? {} : describeError(error)),
});

/** Doubled each time, and up to a fifth shorter: what failed together need not come back together. */
const delayAfter = (attempts: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS) * (1 - Math.random() / 5);

async function inTime(work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The handler took too long')), HANDLER_MS);
  });
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
