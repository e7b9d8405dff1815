import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { Counters } from '../../kernel/limits/counters.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { Clock } from '../../platform/clock.js';
import { Logger } from '../../platform/logger.js';
import { type Grant, SessionGate } from '../sessions/public.js';
import { Audience } from './audience.js';
import { RealtimePolicy } from './realtime-policy.js';
import { closeCodes } from './realtime.wire.js';
import type { SyncSocket } from './sync-socket.js';

const MINUTE_MS = 60_000;

/** Lets a connection in that has shown a genuine token, and lets it stay when it shows a fresh one. */
@Injectable()
export class Admission {
  constructor(
    private readonly gate: SessionGate,
    private readonly sequence: ChangeSequence,
    private readonly counters: Counters,
    private readonly audience: Audience,
    private readonly policy: RealtimePolicy,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** @throws Problem `session-revoked`, `email-unverified` */
  async admit(socket: SyncSocket, grant: Grant): Promise<void> {
    const { userId } = grant.actor;
    const { hits } = await this.counters.hit(`realtime:user:${userId}`, MINUTE_MS);
    // One that has closed meanwhile will not say so again, and would stay for ever.
    if (!socket.isOpen) return;
    if (hits > this.policy.connectsPerMinute || !this.audience.join(userId, socket))
      return socket.close(closeCodes.tooMany);
    await this.renew(socket, grant);
    this.note('realtime_open', grant);
    socket.onClose(() => this.note('realtime_close', grant));
  }

  /** @throws Problem `session-revoked`, `email-unverified` */
  async renew(socket: SyncSocket, grant: Grant): Promise<void> {
    const { userId, sessionId } = grant.actor;
    if (!(await this.gate.isOpenNow(sessionId, grant.counter))) throw new Problem('session-revoked');
    if (!(await this.gate.isVerified(sessionId))) throw new Problem('email-unverified');
    const { seq, epoch } = await this.sequence.head(userId);
    socket.signIn(grant);
    this.audience.greet(userId, socket, epoch, seq);
    // A token that is about to expire is told so at once.
    socket.tick(this.clock.now());
  }

  private note(event: string, { actor }: Grant): void {
    this.logger.debug({ event, user_id: actor.userId, session_id: actor.sessionId }, 'realtime');
  }
}
