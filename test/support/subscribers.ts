import { randomUUID } from 'node:crypto';
import type { Delivery } from '../../src/kernel/events/delivery.js';
import { DomainEvent } from '../../src/kernel/events/domain-event.js';
import type { Subscriber } from '../../src/kernel/events/subscribers.js';

/** An event whose topic is chosen at run time, so that tests on one database do not interfere. */
export class TestEvent extends DomainEvent {
  constructor(
    private readonly name: string,
    readonly ownerId: string | null,
    readonly content: unknown = {},
  ) {
    super();
  }

  override get topic(): string {
    return this.name;
  }
}

export const newTopic = (): string => `t-${randomUUID().slice(0, 8)}`;

export type TestHandler = (content: unknown, delivery: Delivery, event: TestEvent) => Promise<void>;

/** A subscriber of a topic of {@link TestEvent}, as the decorators would register it. */
export const subscriberOf = (
  topic: string,
  handler: TestHandler,
  options: Partial<Pick<Subscriber, 'name' | 'isOrdered' | 'isInTransaction'>> = {},
): Subscriber => ({
  name: topic,
  topic,
  type: TestEvent,
  isOrdered: true,
  isInTransaction: false,
  select: (event) => event,
  handle: (event, delivery) => handler((event as TestEvent).content, delivery!, event as TestEvent),
  ...options,
});
