import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Events } from '../../kernel/events/events.js';
import { Subscribers } from '../../kernel/events/subscribers.js';
import type { Owner } from '../define/owner.js';
import { personType } from '../define/person/person.owner.js';
import { RecordCatalog } from '../define/record-catalog.js';
import {
  kindOf,
  MAX_CHANGES,
  type RecordChange,
  RecordsChanged,
  topicOf,
} from '../define/records-changed.js';

/** Publishes an event when records change. A kind without subscribers writes no events. */
@Injectable()
export class RecordEvents implements OnApplicationBootstrap {
  constructor(
    private readonly events: Events,
    private readonly subscribers: Subscribers,
    private readonly catalog: RecordCatalog,
  ) {}

  /** @throws Error when a subscriber names a kind that does not exist. */
  onApplicationBootstrap(): void {
    for (const { name, topic } of this.subscribers.all) {
      const kind = kindOf(topic);
      if (kind !== undefined && !this.catalog.find(kind))
        throw new Error(`"${name}" subscribes to records of the unknown kind "${kind}"`);
    }
  }

  hasSubscribers(kind: string): boolean {
    return this.events.hasSubscribers(topicOf(kind));
  }

  /** Writes all events by one statement, in the caller's unit of work, which must hold the owner's lock. */
  async publish(kind: string, { type, id }: Owner, changes: readonly RecordChange[]): Promise<void> {
    const events: RecordsChanged[] = [];
    for (let from = 0; from < changes.length; from += MAX_CHANGES)
      events.push(new RecordsChanged(kind, id, changes.slice(from, from + MAX_CHANGES)));
    if (events.length > 0) await this.events.publishLocked(events, type === personType ? id : null);
  }
}
