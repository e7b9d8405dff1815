import { Injectable } from '@nestjs/common';
import type { Owner } from '../define/owner.js';

/** Says that an owner's records have changed. */
export interface Announcement {
  readonly owner: Owner;
  /** The number of the newest change. */
  readonly head: number;
  /** The kinds that have changed. Empty when they are not known: then any kind may have changed. */
  readonly kinds: readonly string[];
}

type Listener = (announcement: Announcement) => void;

/**
 * Calls the listeners in this process after changes are committed, and does not wait for them. A listener may miss an
 * announcement, so code that must not miss a change also compares the newest change numbers.
 */
@Injectable()
export class Announcements {
  private readonly listeners = new Set<Listener>();

  announce(announcement: Announcement): void {
    for (const listener of this.listeners) listener(announcement);
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
