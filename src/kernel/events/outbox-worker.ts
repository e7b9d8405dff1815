import { AsyncResource } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../platform/background.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { describeError, Logger } from '../../platform/logger.js';
import { BrokenSealError } from '../../platform/secrets/secret-box.js';
import { Delivery, LeaseLostError, Undeliverable } from './delivery.js';
import type { DomainEvent } from './domain-event.js';
import { type Claim, OutboxQueue } from './outbox-queue.js';
import { SubscriberLanes } from './subscriber-lanes.js';
import { type Subscriber, Subscribers } from './subscribers.js';

/** Polling finds messages of instances that died, and messages whose next attempt is due. */
const POLL_MS = 5_000;
/** Every 60th poll (5 minutes) also looks for messages of subscribers that do not exist in this version. */
const POLLS_PER_SWEEP = 60;
/** Messages of an unknown subscriber are kept for a week, because another version may have the subscriber. */
export const UNKNOWN_SUBSCRIBER_MS = 7 * 86_400_000;
/** The time limit of an attempt. Half of the lease, so that it ends before another instance can claim the message. */
const HANDLER_MS = 60_000;
/** On shutdown, deliveries have 5 seconds to finish. Another instance delivers what is not finished. */
const STOP_MS = 5_000;
const FIRST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 3_600_000;
/** With the delays this takes about eleven hours. An event with an expiry is tried until it expires instead. */
export const MAX_ATTEMPTS = 20;

/**
 * Delivers the messages of the outbox at least once, outside any transaction. A failed attempt is repeated after a delay that
 * doubles each time. A message with an expiry is dropped when it expires; any other becomes a dead letter after
 * {@link MAX_ATTEMPTS}.
 */
@Injectable()
export class OutboxWorker implements OnModuleDestroy {
  private readonly lanes = new Map<string, SubscriberLanes>();
  /** An async context of its own: a delivery belongs to no request, although the commit of a request woke the worker. */
  private readonly context = new AsyncResource('Outbox');
  private timer: NodeJS.Timeout | undefined;
  private polls = 0;
  private delivered = 0;
  private isStopping = false;
  private hasFailed = false;

  constructor(
    private readonly queue: OutboxQueue,
    private readonly subscribers: Subscribers,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly logger: Logger,
    background: Background,
  ) {
    background.add(() => this.start());
  }

  start(): void {
    this.timer = setInterval(() => this.poll(), POLL_MS).unref();
    this.poll();
  }

  /** Runs before the database closes. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    const stopped = Promise.all([...this.lanes.values()].map((lanes) => lanes.stop()));
    await Promise.race([stopped, pause(STOP_MS, undefined, { ref: false })]);
  }

  /** Delivers new messages of these subscribers. In a process that is not started as a server, it does nothing. */
  wake(subscribers: readonly string[]): void {
    if (this.timer) for (const name of subscribers) void this.run(name);
  }

  wakeAll(): void {
    this.wake(this.subscribers.all.map(({ name }) => name));
  }

  /** Resolves when all due messages were tried, including those that the deliveries published. Never rejects. */
  async drain(): Promise<void> {
    let before: number;
    do {
      before = this.delivered;
      await Promise.all(this.subscribers.all.map(({ name }) => this.run(name)));
      await this.sweep();
    } while (this.delivered > before && !this.isStopping);
  }

  private poll(): void {
    if (this.polls++ % POLLS_PER_SWEEP === 0) void this.sweep();
    this.wakeAll();
  }

  private run(name: string): Promise<void> {
    const subscriber = this.subscribers.all.find((other) => other.name === name);
    if (!subscriber || this.isStopping) return Promise.resolve();
    const lanes =
      this.lanes.get(name) ?? new SubscriberLanes((onClaimed) => this.next(subscriber, onClaimed));
    this.lanes.set(name, lanes);
    return this.context.runInAsyncScope(() => lanes.run());
  }

  /** Delivers the next due message. An error of the database is logged once, and ends this run but not the process. */
  private async next(subscriber: Subscriber, onClaimed: () => void): Promise<boolean> {
    try {
      const claim = await this.queue.claim(subscriber.name, this.clock.date());
      this.hasFailed = false;
      if (!claim) return false;
      onClaimed();
      this.delivered += 1;
      if (this.isExpired(claim)) await this.drop(claim, 'expired');
      else await this.deliver(subscriber, claim);
      return true;
    } catch (error) {
      this.reportUnread(error);
      return false;
    }
  }

  private async deliver(subscriber: Subscriber, claim: Claim): Promise<void> {
    let isRemoved: boolean;
    try {
      isRemoved = await this.callHandler(subscriber, claim);
    } catch (error) {
      if (error instanceof LeaseLostError) return;
      if (error instanceof Undeliverable) return this.drop(claim, 'undeliverable', error);
      if (error instanceof BrokenSealError) return this.giveUp(claim, 'unreadable', error);
      return this.retry(claim, error);
    }
    if (!isRemoved) await this.queue.remove(claim);
  }

  /** @returns whether the handler removed the message itself, by `Delivery.once`. */
  private async callHandler({ handle, type }: Subscriber, claim: Claim): Promise<boolean> {
    const event = Object.assign(
      Object.create(type.prototype as object) as DomainEvent,
      this.queue.open(claim),
    );
    const abort = new AbortController();
    let isRemoved = false;
    const once = async (work: () => Promise<void>): Promise<void> => {
      await this.unitOfWork.run(async () => {
        if (!(await this.queue.remove(claim))) throw new LeaseLostError('Another instance has the message');
        await work();
      });
      isRemoved = true;
    };
    const { id, attempts, createdAt } = claim;
    await withTimeout(handle(event, new Delivery(id, attempts, createdAt, abort.signal, once)), abort);
    return isRemoved;
  }

  private async retry(claim: Claim, error: unknown): Promise<void> {
    const dueAt = new Date(this.clock.now() + delayAfter(claim.attempts));
    if (claim.expiresAt && dueAt >= claim.expiresAt) return this.drop(claim, 'expired', error);
    if (!claim.expiresAt && claim.attempts % MAX_ATTEMPTS === 0) return this.giveUp(claim, 'dead', error);
    this.logger.warn(report(claim, 'delayed', error), 'message was not delivered, and will be tried again');
    await this.queue.postpone(claim, dueAt, classOf(error));
  }

  /** Gives a message up. A message with an expiry is dropped, because it is of no use later; any other is a dead letter. */
  private async giveUp(claim: Claim, why: string, error: unknown): Promise<void> {
    if (claim.expiresAt) return this.drop(claim, why, error);
    this.logger.error(report(claim, why, error), 'message was given up, and is a dead letter');
    await this.queue.markDead(claim, this.clock.date(), classOf(error));
  }

  private async drop(claim: Claim, why: string, error?: unknown): Promise<void> {
    this.logger.warn(report(claim, why, error), 'message was dropped');
    await this.queue.remove(claim);
  }

  /** Removes old messages of subscribers that this version does not have. Another version may still deliver newer ones. */
  private async sweep(): Promise<void> {
    const names = this.subscribers.all.map(({ name }) => name);
    const now = this.clock.date();
    try {
      for (const claim of await this.queue.expiredOfUnknown(names, now)) await this.drop(claim, 'expired');
      await this.queue.markUnknownDead(names, new Date(now.getTime() - UNKNOWN_SUBSCRIBER_MS), now);
    } catch (error) {
      this.reportUnread(error);
    }
  }

  private isExpired({ expiresAt }: Claim): boolean {
    return expiresAt !== null && expiresAt <= this.clock.date();
  }

  private reportUnread(error: unknown): void {
    if (!this.hasFailed)
      this.logger.warn({ component: 'outbox', ...describeError(error) }, 'outbox was not read');
    this.hasFailed = true;
  }
}

const report = ({ topic, subscriber }: Claim, what: string, error: unknown): object => ({
  component: 'outbox',
  event: `${topic}-${what}`,
  subscriber,
  ...(error === undefined ? {} : describeError(error)),
});

function classOf(error: unknown): string {
  const { error: name, code } = describeError(error);
  return (code === undefined ? name : `${name} ${code}`).slice(0, 100);
}

/** Doubles with each attempt. It is shortened at random by up to a fifth, so that messages are not retried all at once. */
const delayAfter = (attempts: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** ((attempts - 1) % MAX_ATTEMPTS), LONGEST_DELAY_MS) * (1 - Math.random() / 5);

async function withTimeout(work: Promise<void>, abort: AbortController): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error('The handler took too long');
      abort.abort(error);
      reject(error);
    }, HANDLER_MS);
  });
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
