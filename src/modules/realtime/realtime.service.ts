import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../platform/background.js';
import { Clock } from '../../platform/clock.js';
import { News } from './news.js';
import { RealtimePolicy } from './realtime-policy.js';
import { SessionWatch } from './session-watch.js';
import { Sockets } from './sockets.js';

/** The beat of the channel: one timer, however many connections there are. */
@Injectable()
export class RealtimeService implements OnModuleDestroy {
  private stops: (() => void)[] = [];

  constructor(
    private readonly news: News,
    private readonly watch: SessionWatch,
    private readonly sockets: Sockets,
    private readonly policy: RealtimePolicy,
    private readonly clock: Clock,
    background: Background,
  ) {
    background.add(() => this.start());
  }

  /** Before the database closes. */
  async onModuleDestroy(): Promise<void> {
    for (const stop of this.stops) stop();
    await Promise.all([this.news.settle(), this.watch.settle()]);
  }

  private start(): void {
    const beat = setInterval(() => this.tick(), this.policy.tickMs);
    beat.unref();
    this.stops = [() => clearInterval(beat), this.news.start(), this.watch.start()];
  }

  private tick(): void {
    const now = this.clock.now();
    for (const socket of this.sockets) socket.tick(now);
    this.news.tick();
    this.watch.tick();
  }
}
