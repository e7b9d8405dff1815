import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { ErrorCode } from '../../kernel/http/errors.js';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionAlarm } from './session-alarm.js';
import { SessionGate } from './session-gate.js';
import type { Session } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';

type Rotation = { readonly session: Session } | { readonly refused: ErrorCode };

/** One refresh token after the other, in one session. */
@Injectable()
export class SessionRotation {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly gate: SessionGate,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly alarm: SessionAlarm,
  ) {}

  /**
   * Gives the successor of a genuine refresh token.
   *
   * The current token moves the counter on. The one before it gets the same successor again, as long as nobody has
   * shown to hold that (its response was lost) or for a short interval (two requests crossed). Anything older is
   * theft: one of the two holders is not the owner, so the session ends. See RFC 9700, 4.14.2.
   *
   * @throws Problem `session-expired`, `session-revoked`, `token-reused` or `invalid-refresh-token`
   */
  async rotate(sessionId: string, counter: number): Promise<Session> {
    const rotation = await this.unitOfWork.run(() => this.decide(sessionId, counter));
    if ('session' in rotation) return rotation.session;
    throw new Problem(rotation.refused);
  }

  private async decide(sessionId: string, counter: number): Promise<Rotation> {
    const session = await this.sessions.findLocked(sessionId);
    if (!session || session.revokedAt !== null) return { refused: 'session-revoked' };
    if (this.hasExpired(session)) return { refused: 'session-expired' };
    if (counter > session.counter) return { refused: 'invalid-refresh-token' };
    if (counter === session.counter) return { session: await this.advance(session) };
    if (counter === session.counter - 1 && this.mayRepeat(session)) return { session };
    return this.endStolen(session);
  }

  private hasExpired(session: Session): boolean {
    const now = this.clock.now();
    const idle = now - session.lastUsedAt.getTime();
    return idle > this.config.env.REFRESH_IDLE_TTL || now >= session.absoluteExpiresAt.getTime();
  }

  private mayRepeat(session: Session): boolean {
    const isUnconfirmed = session.confirmedCounter < session.counter;
    return (
      isUnconfirmed ||
      this.clock.now() - session.rotatedAt.getTime() <= this.config.env.REFRESH_REUSE_INTERVAL
    );
  }

  private async advance(session: Session): Promise<Session> {
    const now = this.clock.date();
    const changes = {
      counter: session.counter + 1,
      confirmedCounter: session.counter,
      rotatedAt: now,
      lastUsedAt: now,
    };
    await this.sessions.update(session.id, changes);
    return { ...session, ...changes };
  }

  private async endStolen(session: Session): Promise<Rotation> {
    this.unitOfWork.afterCommit(() => this.gate.forget(session.id));
    await this.sessions.revoke(session.userId, session.id, this.clock.date());
    await this.alarm.raise(session);
    return { refused: 'token-reused' };
  }
}
