import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Background } from '../../platform/background.js';
import { Clock } from '../../platform/clock.js';
import { describeError, Logger } from '../../platform/logger.js';
import { PeriodicTask } from '../../platform/periodic-task.js';
import { OpenSessions } from '../access/open-sessions.js';
import type { SocketConnection } from './socket-connection.js';
import { SocketPolicy } from './socket-policy.js';
import { SocketRegistry } from './socket-registry.js';

/** Closes sockets whose session was ended, on this or another instance, and sockets whose token has expired. */
@Injectable()
export class SessionWatch implements OnModuleDestroy {
  private readonly checks: PeriodicTask;
  private stops: (() => void)[] = [];

  constructor(
    private readonly sessions: OpenSessions,
    private readonly sockets: SocketRegistry,
    private readonly policy: SocketPolicy,
    private readonly clock: Clock,
    private readonly logger: Logger,
    background: Background,
  ) {
    this.checks = new PeriodicTask({
      work: () => this.check(this.sockets),
      everyMs: () => policy.sessionCheckMs,
      tickMs: policy.tickMs,
      report: this.report,
    });
    background.add(() => this.start());
  }

  /** Runs before the database closes. */
  async onModuleDestroy(): Promise<void> {
    for (const stop of this.stops) stop();
    await this.checks.stop();
  }

  /** One timer serves all sockets. */
  tick(): void {
    const now = this.clock.now();
    for (const socket of this.sockets) socket.tick(now);
  }

  private start(): void {
    this.checks.start();
    const timer = setInterval(() => this.tick(), this.policy.tickMs).unref();
    // A session that this instance ends closes its sockets at once.
    const unwatch = this.sessions.watch((ended) => {
      const concerned = [...this.sockets].filter((socket) => socket.mayUse(ended));
      void this.check(concerned).catch(this.report);
    });
    this.stops = [() => clearInterval(timer), unwatch];
  }

  private async check(sockets: Iterable<SocketConnection>): Promise<void> {
    const bySession = new Map<string, SocketConnection[]>();
    for (const socket of sockets)
      for (const id of socket.sessionIds) bySession.set(id, [...(bySession.get(id) ?? []), socket]);
    if (bySession.size === 0) return;
    const open = await this.sessions.openAmong([...bySession.keys()]);
    for (const [id, concerned] of bySession)
      if (!open.has(id)) for (const socket of concerned) socket.endSession(id);
  }

  private readonly report = (error: unknown): void =>
    this.logger.warn({ component: 'sockets', ...describeError(error) }, 'sessions were not read');
}
