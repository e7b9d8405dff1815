import { Injectable } from '@nestjs/common';
import type { Announcement } from '../../kernel/records/announcements.js';
import { RedisChannels } from '../../platform/redis/redis-channels.js';

const CHANNEL = 'hale:pokes';

/** Carries announcements between the instances, where there is a Redis; it may lose some. */
@Injectable()
export class Relay {
  constructor(private readonly channels: RedisChannels) {}

  /** Whether the others are heard. */
  get isUp(): boolean {
    return this.channels.isUp;
  }

  tell({ userId, head, kinds }: Announcement): void {
    this.channels.publish(CHANNEL, `${userId} ${head} ${kinds.join(',')}`);
  }

  /**
   * Hears what all instances tell, this one too: it is no news by then.
   * @param onOpen what was told before this was missed
   */
  listen(hear: (announcement: Announcement) => void, onOpen: () => void): void {
    const onMessage = (message: string): void => {
      const announcement = read(message);
      if (announcement) hear(announcement);
    };
    this.channels.listen(CHANNEL, { onMessage, onOpen });
  }
}

/** Undefined for what no instance says. */
function read(message: string): Announcement | undefined {
  const [, userId, head, kinds] = /^(\S+) (\d{1,19}) (\S*)$/.exec(message) ?? [];
  if (userId === undefined || head === undefined || kinds === undefined) return undefined;
  return { userId, head: BigInt(head), kinds: kinds === '' ? [] : kinds.split(',') };
}
