import { Injectable } from '@nestjs/common';
import { describeError, Logger } from '../../platform/logger.js';
import { type Ended, SessionGate } from '../sessions/public.js';
import { Audience } from './audience.js';
import { batchesOf } from './batches.js';
import { RealtimePolicy } from './realtime-policy.js';
import { closeCodes } from './realtime.wire.js';
import { Round } from './round.js';
import { Sockets } from './sockets.js';
import type { SyncSocket } from './sync-socket.js';

/** Closes the connections of sessions that were ended: here, on another instance, or by time. */
@Injectable()
export class SessionWatch {
  private readonly checks: Round;

  constructor(
    private readonly gate: SessionGate,
    private readonly sockets: Sockets,
    private readonly audience: Audience,
    private readonly policy: RealtimePolicy,
    private readonly logger: Logger,
  ) {
    this.checks = new Round(() => this.check(this.sockets), this.report);
  }

  /** What this instance ends itself it need not find out. @returns what ends it. */
  start(): () => void {
    return this.gate.watch((ended) => void this.check(this.concerned(ended)).catch(this.report));
  }

  tick(): void {
    // A beat is never exactly on time; half of one early is as good.
    this.checks.runEvery(this.policy.sessionCheckMs - this.policy.tickMs / 2);
  }

  /** Resolves when the database is not being asked. */
  settle(): Promise<void> {
    return this.checks.settle();
  }

  /** One query for five hundred sessions; none for nobody. */
  private async check(sockets: Iterable<SyncSocket>): Promise<void> {
    const bySession = new Map<string, SyncSocket[]>();
    for (const socket of sockets) {
      const id = socket.actor?.sessionId;
      if (id !== undefined) bySession.set(id, [...(bySession.get(id) ?? []), socket]);
    }
    for (const batch of batchesOf([...bySession.keys()])) {
      const open = await this.gate.openAmong(batch);
      for (const id of batch) if (!open.has(id)) end(id, bySession.get(id) ?? []);
    }
  }

  private concerned(ended: Ended): Iterable<SyncSocket> {
    if ('userId' in ended) return this.audience.of(ended.userId);
    return [...this.sockets].filter(({ actor }) => actor?.sessionId === ended.sessionId);
  }

  private readonly report = (error: unknown): void =>
    this.logger.warn({ component: 'realtime', ...describeError(error) }, 'sessions were not read');
}

function end(sessionId: string, sockets: readonly SyncSocket[]): void {
  for (const socket of sockets)
    // It may have signed in with another session meanwhile.
    if (socket.actor?.sessionId === sessionId) socket.close(closeCodes.revoked);
}
