import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { PersonLock } from '../person-lock.js';
import type { DomainEvent } from './domain-event.js';
import { type NewMessage, OutboxQueue } from './outbox-queue.js';
import { OutboxWorker } from './outbox-worker.js';
import { type Subscriber, Subscribers } from './subscribers.js';

export interface PublishOptions {
  /** When the event expires. An expired event is dropped; it does not become a dead letter. */
  readonly expiresAt?: Date;
}

/**
 * Publishes events to other modules. An event commits together with the change that it reports: each subscriber gets its own
 * message in the same transaction. The message is delivered after the commit, even if the process dies.
 */
@Injectable()
export class Events {
  constructor(
    private readonly subscribers: Subscribers,
    private readonly queue: OutboxQueue,
    private readonly worker: OutboxWorker,
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly lock: PersonLock,
    private readonly clock: Clock,
  ) {}

  /** Whether a topic has subscribers. Without subscribers, the caller need not create the event. */
  hasSubscribers(topic: string): boolean {
    return this.subscribers.of(topic).length > 0;
  }

  /** The number of events of a topic about an account that a subscriber has not handled yet. */
  countWaiting(userId: string, topic: string): Promise<number> {
    return this.queue.countOf(userId, topic);
  }

  /**
   * Publishes an event in the caller's unit of work. If a subscriber needs the events of an owner in order, this takes the
   * owner's lock, so that the order of the events is the order of the commits.
   * @throws Error outside a unit of work; Problem `session-revoked` when the account was deleted.
   */
  async publish(event: DomainEvent, options: PublishOptions = {}): Promise<void> {
    // Without this check, the lock would begin a new unit of work.
    if (!this.database.unit) throw new Error('An event was published outside a unit of work');
    const { ownerId, topic } = event;
    const isOrdered = this.subscribers.of(topic).some((subscriber) => subscriber.isOrdered);
    const put = () => this.publishLocked([event], ownerId, options);
    await (isOrdered && ownerId !== null ? this.lock.hold(ownerId, put) : put());
  }

  /**
   * Publishes several events of one owner in one statement. The caller must hold the owner's lock.
   * @param userId the account with which the events are deleted; null for an owner that is no account.
   */
  async publishLocked(
    events: readonly DomainEvent[],
    userId: string | null,
    { expiresAt }: PublishOptions = {},
  ): Promise<void> {
    const messages: NewMessage[] = [];
    for (const event of events)
      for (const subscriber of this.subscribers.of(event.topic)) {
        const selected = subscriber.select(event);
        if (!selected) continue;
        if (subscriber.isInTransaction) await subscriber.handle(selected);
        else messages.push(messageOf(selected, subscriber, userId, expiresAt ?? null));
      }
    if (messages.length === 0) return;
    this.unitOfWork.afterCommit(() => this.worker.wake(messages.map(({ subscriber }) => subscriber)));
    await this.queue.add(messages, this.clock.date());
  }
}

const messageOf = (
  event: DomainEvent,
  { name, isOrdered }: Subscriber,
  userId: string | null,
  expiresAt: Date | null,
): NewMessage => ({
  id: uuidv7(),
  userId,
  ownerId: event.ownerId,
  topic: event.topic,
  subscriber: name,
  isOrdered,
  payload: event,
  expiresAt,
});
