import { Injectable } from '@nestjs/common';
import { Announcements } from '../../kernel/records/announcements.js';
import { describeError, Logger } from '../../platform/logger.js';
import { Audience } from './audience.js';
import { HeadsRepository } from './heads.repository.js';
import { RealtimePolicy } from './realtime-policy.js';
import { Relay } from './relay.js';
import { Round } from './round.js';

/**
 * How it becomes known here that somebody's records have changed: it is announced in this process, told by another
 * instance, or found by comparing heads, because whatever is told may be lost.
 */
@Injectable()
export class News {
  private readonly polls: Round;

  constructor(
    private readonly announcements: Announcements,
    private readonly relay: Relay,
    private readonly heads: HeadsRepository,
    private readonly audience: Audience,
    private readonly policy: RealtimePolicy,
    logger: Logger,
  ) {
    this.polls = new Round(
      () => this.poll(),
      (error) => logger.warn({ component: 'realtime', ...describeError(error) }, 'heads were not read'),
    );
  }

  /** @returns what ends it. */
  start(): () => void {
    this.relay.listen(
      (announcement) => this.audience.hear(announcement),
      () => this.polls.hurry(),
    );
    return this.announcements.subscribe((announcement) => {
      this.audience.hear(announcement);
      this.relay.tell(announcement);
    });
  }

  tick(): void {
    const { alone, withRedis } = this.policy.pollMs;
    // A beat is never exactly on time; half of one early is as good.
    this.polls.runEvery((this.relay.isUp ? withRedis : alone) - this.policy.tickMs / 2);
  }

  /** Resolves when the database is not being asked. */
  settle(): Promise<void> {
    return this.polls.settle();
  }

  private async poll(): Promise<void> {
    for (const { userId, head } of await this.heads.find(this.audience.userIds))
      this.audience.hear({ userId, head, kinds: [] });
  }
}
