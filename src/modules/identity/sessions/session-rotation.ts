import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import type { ErrorCode } from '../../../kernel/http/errors.js';
import { Problem } from '../../../kernel/http/problem.js';
import { Clock } from '../../../platform/clock.js';
import { digest } from '../../../platform/random-token.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { SessionAlarm } from './session-alarm.js';
import { SessionGate } from './session-gate.js';
import type { Session } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';
import type { RefreshClaims } from './tokens.js';

type Rotation = { readonly session: Session } | { readonly refused: ErrorCode };

/** Rotation of the refresh tokens of a session. */
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
   * Returns the successor of a genuine refresh token.
   *
   * The current token advances the counter. The one before it gets the same successor again if the request repeats the
   * refresh that used it: its nonce is the same, so the response was lost. Another nonce is another holder of the token.
   * Without nonces the service cannot tell them apart: it repeats the successor while no client has used that one, or for a
   * short interval (two requests crossed). Everything else is theft: one of the two holders is not the owner, so the session
   * ends. See RFC 9700, 4.14.2.
   *
   * @param nonce a random value that the client chose for this refresh and sends again when it repeats it.
   * @throws Problem `session-expired`, `session-revoked`, `token-reused` or `invalid-refresh-token`
   */
  async rotate({ sessionId, counter }: RefreshClaims, nonce?: string): Promise<Session> {
    const nonceHash = nonce === undefined ? null : digest(nonce);
    const rotation = await this.unitOfWork.run(() => this.decide(sessionId, counter, nonceHash));
    if ('session' in rotation) return rotation.session;
    throw new Problem(rotation.refused);
  }

  private async decide(sessionId: string, counter: number, nonceHash: string | null): Promise<Rotation> {
    const session = await this.sessions.findLocked(sessionId);
    if (!session || session.revokedAt !== null) return { refused: 'session-revoked' };
    if (this.hasExpired(session)) return { refused: 'session-expired' };
    if (counter > session.counter) return { refused: 'invalid-refresh-token' };
    if (counter === session.counter) return { session: await this.advance(session, nonceHash) };
    if (counter === session.counter - 1 && this.mayRepeat(session, nonceHash)) return { session };
    return this.endStolen(session);
  }

  private hasExpired(session: Session): boolean {
    const now = this.clock.now();
    const idle = now - session.lastUsedAt.getTime();
    return idle > this.config.env.REFRESH_IDLE_TTL || now >= session.absoluteExpiresAt.getTime();
  }

  private mayRepeat(session: Session, nonceHash: string | null): boolean {
    // A thief who sends no nonce must not get the tolerance for clients that have none, and neither must its victim.
    if (session.nonceHash !== null || nonceHash !== null) return session.nonceHash === nonceHash;
    const isUnconfirmed = session.confirmedCounter < session.counter;
    return (
      isUnconfirmed ||
      this.clock.now() - session.rotatedAt.getTime() <= this.config.env.REFRESH_REUSE_INTERVAL
    );
  }

  private async advance(session: Session, nonceHash: string | null): Promise<Session> {
    const now = this.clock.date();
    const changes = {
      counter: session.counter + 1,
      confirmedCounter: session.counter,
      nonceHash,
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
