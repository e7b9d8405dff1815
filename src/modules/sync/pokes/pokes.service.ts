import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../../platform/background.js';
import { describeError, Logger } from '../../../platform/logger.js';
import { PeriodicTask } from '../../../platform/periodic-task.js';
import { person, personType } from '../../../records/define/person/person.owner.js';
import { type Announcement, Announcements } from '../../../records/write/announcements.js';
import { HeadsRepository } from './heads.repository.js';
import { PokeAudience } from './poke-audience.js';
import { PokeRelay } from './poke-relay.js';
import { PokesPolicy } from './pokes-policy.js';

/**
 * Learns that somebody's records have changed: it is announced in this process, told by another instance, or found by
 * comparing heads, because a message may be lost.
 */
@Injectable()
export class PokesService implements OnModuleDestroy {
  private readonly polls: PeriodicTask;
  private unsubscribe = (): void => undefined;

  constructor(
    private readonly announcements: Announcements,
    private readonly relay: PokeRelay,
    private readonly heads: HeadsRepository,
    private readonly audience: PokeAudience,
    policy: PokesPolicy,
    logger: Logger,
    background: Background,
  ) {
    this.polls = new PeriodicTask({
      work: () => this.poll(),
      everyMs: () => (relay.isUp ? policy.pollMs.withRedis : policy.pollMs.alone),
      tickMs: policy.pollTickMs,
      report: (error) => logger.warn({ component: 'pokes', ...describeError(error) }, 'heads were not read'),
    });
    background.add(() => this.start());
  }

  /** Before the database closes. */
  async onModuleDestroy(): Promise<void> {
    this.unsubscribe();
    await this.polls.stop();
  }

  private start(): void {
    this.polls.start();
    this.relay.listen(
      (announcement) => this.audience.hear(announcement),
      () => this.polls.runAtNextTick(),
    );
    this.unsubscribe = this.announcements.subscribe((announcement) => this.announce(announcement));
  }

  private announce(announcement: Announcement): void {
    // Sockets are opened by people, and hear of their own records.
    if (announcement.owner.type !== personType) return;
    this.audience.hear(announcement);
    this.relay.tell(announcement);
  }

  private async poll(): Promise<void> {
    for (const { userId, head } of await this.heads.find(this.audience.userIds))
      this.audience.hear({ owner: person(userId), head, kinds: [] });
  }
}
