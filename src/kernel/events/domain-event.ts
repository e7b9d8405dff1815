/**
 * Something that happened and that other modules can subscribe to. Its fields are stored as JSON until each subscriber has
 * handled it, so use only strings, numbers, booleans, null, and lists and objects of these. Refer to records by id and
 * version; subscribers read the values themselves.
 */
export abstract class DomainEvent {
  /** The account that the event is about; null when there is none. The event is deleted together with the account. */
  abstract readonly ownerId: string | null;

  /** The name of the event in the database. */
  get topic(): string {
    return (this.constructor as EventClass).topic;
  }
}

/** A class of events. Never change its topic, because stored events refer to it. */
export interface EventClass<Event extends DomainEvent = DomainEvent> {
  new (...values: never[]): Event;
  readonly topic: string;
}
