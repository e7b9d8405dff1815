import { Injectable } from '@nestjs/common';

/** That somebody's records have changed: how far the order of changes is now, and of which kinds they were. */
export interface Announcement {
  readonly userId: string;
  /** The number of the newest change. */
  readonly head: bigint;
  /** Empty when nobody knows: then it may be any. */
  readonly kinds: readonly string[];
}

type Listener = (announcement: Announcement) => void;

/**
 * Says, once changes are committed, that there are some. Within this process only, and nobody is waited for: whoever
 * must not miss one compares heads as well.
 */
@Injectable()
export class Announcements {
  private readonly listeners = new Set<Listener>();

  announce(announcement: Announcement): void {
    for (const listener of this.listeners) listener(announcement);
  }

  /** @returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
