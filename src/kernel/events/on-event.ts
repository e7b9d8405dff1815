import { SetMetadata } from '@nestjs/common';
import { Delivery } from './delivery.js';
import type { DomainEvent, EventClass } from './domain-event.js';

/** The signature of a subscriber method. */
export type EventHandler<Event extends DomainEvent> = (event: Event, delivery: Delivery) => Promise<void>;

/** A decorator for methods of this type, or of this type with fewer parameters. */
type HandlerDecorator<Handler> = <Method extends Handler>(
  target: object,
  method: string,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;

/** The subscription that a decorator declares for its method. */
export interface Subscription<Event extends DomainEvent = DomainEvent> {
  /** Unique in the application. Never change it, because stored messages refer to it. */
  readonly name: string;
  readonly topic: string;
  /** The class of the events, which is also the type of the method's first parameter. */
  readonly type: abstract new (...values: never[]) => Event;
  /** Whether events of one owner are handled one after the other, in the order in which they were published. */
  readonly isOrdered: boolean;
  /** Whether the subscriber runs in the publisher's unit of work, and not after its commit. */
  readonly isInTransaction: boolean;
  /** Selects the part of an event that the subscriber receives. Undefined skips the event. */
  readonly select: (event: Event) => Event | undefined;
}

export interface OnEventOptions {
  /**
   * `owner` (the default): the subscriber gets the events of one owner in order. An event that fails delays the later events
   * of the same owner for this subscriber, until it succeeds or is given up. `none`: no event waits for another.
   */
  readonly order?: 'owner' | 'none';
}

export const SUBSCRIPTION = 'hale:subscription';

/**
 * Calls the method after an event of this class was committed: at least once, on one of the instances, outside any
 * transaction. A failed attempt is repeated later, so the method must be idempotent: see {@link Delivery}.
 * @param name unique in the application. Never change it, because stored messages refer to it.
 */
export const OnEvent = <Event extends DomainEvent>(
  type: EventClass<Event>,
  name: string,
  { order = 'owner' }: OnEventOptions = {},
): HandlerDecorator<EventHandler<Event>> =>
  subscribe({
    name,
    topic: type.topic,
    type,
    isOrdered: order === 'owner',
    isInTransaction: false,
    select: wholeEvent,
  });

/**
 * Calls the method inside the unit of work that publishes the event: what the method writes commits together with the event,
 * and an error rolls both back. Use it only for what must be true at the moment of the commit; else use {@link OnEvent}.
 */
export const OnEventInTransaction = <Event extends DomainEvent>(
  type: EventClass<Event>,
  name: string,
): HandlerDecorator<(event: Event) => Promise<void>> =>
  subscribe({ name, topic: type.topic, type, isOrdered: false, isInTransaction: true, select: wholeEvent });

/** Makes the decorator of a subscription. Modules with their own topics build their decorators with it. */
export function subscribe<Event extends DomainEvent>(
  subscription: Subscription<Event>,
): HandlerDecorator<EventHandler<Event>> {
  return SetMetadata(SUBSCRIPTION, subscription);
}

const wholeEvent = <Event>(event: Event): Event => event;
