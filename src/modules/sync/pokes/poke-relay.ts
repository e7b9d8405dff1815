import { Injectable } from '@nestjs/common';
import type { Announcement } from '../../../records/write/announcements.js';
import { person } from '../../../records/define/person/person.owner.js';
import { RedisChannels } from '../../../platform/redis/redis-channels.js';

const CHANNEL = 'hale:pokes';

/** Carries announcements between the instances, where there is a Redis; it may lose some. */
@Injectable()
export class PokeRelay {
  constructor(private readonly channels: RedisChannels) {}

  /** Whether the others are heard. */
  get isUp(): boolean {
    return this.channels.isUp;
  }

  tell({ owner, head, kinds }: Announcement): void {
    this.channels.publish(CHANNEL, `${owner.id} ${head} ${kinds.join(',')}`);
  }

  /**
   * Hears what all instances tell, this one too: nothing new by then.
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

/** Undefined for a message that no instance sends. */
function read(message: string): Announcement | undefined {
  const [, userId, head, kinds] = /^(\S+) (\d{1,19}) (\S*)$/.exec(message) ?? [];
  if (userId === undefined || head === undefined || kinds === undefined) return undefined;
  return { owner: person(userId), head: Number(head), kinds: kinds === '' ? [] : kinds.split(',') };
}
