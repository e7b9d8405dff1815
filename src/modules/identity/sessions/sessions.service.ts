import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../config/config.js';
import type { Actor, Assurance } from '../../../kernel/http/actor.js';
import type { AuditAction } from '../../../kernel/audit/actions.js';
import { AuditLog, type DoneBy } from '../../../kernel/audit/audit-log.js';
import { Problem } from '../../../kernel/http/problem.js';
import { clientAddress } from '../../../kernel/throttle/client-address.js';
import { PersonLock } from '../../../kernel/person-lock.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { CountsQuota, type QuotaUse } from '../../../kernel/quotas/quota.js';
import { SessionGate } from './session-gate.js';
import { type Session, TOTP } from './session.entity.js';
import type { DeviceDto } from './sessions.dto.js';
import { MAX_SESSIONS, SessionsRepository } from './sessions.repository.js';
import { sessionsQuota } from './sessions.quotas.js';
import { sessionAudit, sessionsAudit } from './sessions.audit.js';

/** The device as the client describes it at sign-in, and its IP address. */
export type Device = Pick<Session, 'deviceId' | 'deviceName' | 'platform' | 'ip'>;

/** The id of no account. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export const deviceOf = (body: DeviceDto, request: FastifyRequest): Device => ({
  deviceId: body.deviceId ?? null,
  deviceName: body.deviceName ?? null,
  platform: body.platform ?? null,
  ip: clientAddress(request),
});

@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly gate: SessionGate,
    private readonly lock: PersonLock,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Opens a session; when there are too many, the least recently used one is closed.
   * @param raisedBy the second factor that the person proved: {@link TOTP}, the id of a passkey, or null for none.
   */
  open(userId: string, device: Device, raisedBy: string | null, id: string): Promise<Session> {
    const now = this.clock.date();
    const session: Session = {
      ...device,
      id,
      userId,
      counter: 0,
      confirmedCounter: 0,
      nonceHash: null,
      rotatedAt: now,
      createdAt: now,
      lastUsedAt: now,
      absoluteExpiresAt: new Date(now.getTime() + this.config.env.REFRESH_ABSOLUTE_TTL),
      revokedAt: null,
      authTime: now,
      aal: raisedBy === null ? 1 : 2,
      raisedBy,
      pushService: null,
      pushToken: null,
    };
    // Under the person's lock: two concurrent sign-ins would deadlock on the rows that they have just inserted.
    return this.lock.hold(userId, async () => {
      await this.sessions.insert(session);
      await this.note(sessionAudit.opened, session);
      await this.makeRoom(userId);
      return session;
    });
  }

  /** The open sessions; `current` marks the one that the request was made with. */
  async list({ userId, sessionId }: Actor): Promise<(Session & { current: boolean })[]> {
    const now = this.clock.now();
    const idleSince = new Date(now - this.config.env.REFRESH_IDLE_TTL);
    const open = await this.sessions.listOpen(userId, idleSince, new Date(now));
    return open.map((session) => ({ ...session, current: session.id === sessionId }));
  }

  @CountsQuota(sessionsQuota)
  async usage(userId: string): Promise<QuotaUse> {
    const now = this.clock.date();
    const idleSince = new Date(now.getTime() - this.config.env.REFRESH_IDLE_TTL);
    return { limit: MAX_SESSIONS, used: (await this.sessions.listOpen(userId, idleSince, now)).length };
  }

  /** Ends a session; ending it again changes nothing. */
  async close(sessionId: string): Promise<void> {
    const session = await this.sessions.find(sessionId);
    if (session) await this.revoke(session.userId, sessionId);
  }

  /** Ends an open session of the person. @throws Problem `not-found` */
  async end(userId: string, sessionId: string): Promise<void> {
    if (!(await this.revoke(userId, sessionId))) throw new Problem('not-found');
  }

  /** The id of the device if the person was signed in on it before. It takes the same time for an unknown person. */
  async knownDevice(userId = NOBODY, deviceId: string | null = null): Promise<string | undefined> {
    return deviceId !== null && (await this.sessions.hasDevice(userId, deviceId)) ? deviceId : undefined;
  }

  /** Whether it has neither ended nor expired, according to the database. Joins the caller's unit of work. */
  async isOpen(sessionId: string): Promise<boolean> {
    return (await this.gate.openAmong([sessionId])).size > 0;
  }

  /**
   * Runs `work` under the person's lock, in a session that is open according to the database. Requests are admitted by a
   * cache of a few seconds; a session that ended meanwhile must leave nothing that outlasts it.
   * @throws Problem `session-revoked`
   */
  whileOpen<T>({ userId, sessionId }: Actor, work: () => Promise<T>): Promise<T> {
    return this.lock.hold(userId, async () => {
      if (!(await this.isOpen(sessionId))) throw new Problem('session-revoked');
      return work();
    });
  }

  /** Notes that the person has just proved who they are. @throws Problem `session-revoked` */
  prove(sessionId: string): Promise<Session> {
    return this.unitOfWork.run(async () => {
      const session = await this.sessions.findLocked(sessionId);
      if (!session || session.revokedAt !== null) throw new Problem('session-revoked');
      const authTime = this.clock.date();
      await this.sessions.update(sessionId, { authTime });
      await this.note(sessionAudit.confirmed, session);
      return { ...session, authTime };
    });
  }

  /** Marks the session as opened with two factors. Joins the caller's unit of work. @throws Problem `session-revoked` */
  async strengthen(sessionId: string): Promise<Session> {
    const session = await this.sessions.findLocked(sessionId);
    if (!session || session.revokedAt !== null) throw new Problem('session-revoked');
    // A passkey that raised it before still does.
    const raised = { aal: 2, raisedBy: session.raisedBy ?? TOTP } as const;
    await this.sessions.update(sessionId, raised);
    return { ...session, ...raised };
  }

  /** Lowers the sessions that a removed factor had raised. Joins the caller's unit of work. */
  lower(userId: string, factor: string): Promise<void> {
    return this.sessions.lower(userId, factor);
  }

  /** The assurance level of an open session, according to the database; undefined when it has ended or expired. */
  async levelOf(sessionId: string): Promise<Assurance | undefined> {
    return (await this.isOpen(sessionId)) ? (await this.sessions.find(sessionId))?.aal : undefined;
  }

  /** Stores the push token of a session, or deletes it for null. */
  setPush(sessionId: string, push: { service: string; token: string } | null): Promise<void> {
    return this.unitOfWork.run(() =>
      this.sessions.update(sessionId, { pushService: push?.service ?? null, pushToken: push?.token ?? null }),
    );
  }

  /** Ends every session but `keep`; all of them if it is null. Joins the caller's unit of work. */
  revokeOthers(userId: string, keep: string | null, { by, reason }: DoneBy = { by: userId }): Promise<void> {
    return this.unitOfWork.run(async () => {
      this.unitOfWork.afterCommit(() => this.gate.forgetUser(userId));
      await this.sessions.revokeOthers(userId, keep, this.clock.date());
      await this.audit.record({ action: sessionsAudit.ended, actor: by, subject: userId, reason });
    });
  }

  /** Forgets the sessions of a deleted account; their rows were deleted with it. */
  forgetAll(userId: string): void {
    this.gate.forgetUser(userId);
  }

  /** @returns whether the person had such an open session. */
  private revoke(userId: string, sessionId: string): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      this.unitOfWork.afterCommit(() => this.gate.forget(sessionId));
      const wasOpen = await this.sessions.revoke(userId, sessionId, this.clock.date());
      if (wasOpen) await this.note(sessionAudit.ended, { id: sessionId, userId });
      return wasOpen;
    });
  }

  private async makeRoom(userId: string): Promise<void> {
    const evicted = await this.sessions.superfluous(userId);
    if (evicted.length === 0) return;
    this.unitOfWork.afterCommit(() => this.gate.forgetUser(userId));
    await this.sessions.delete(
      userId,
      evicted.map(({ id }) => id),
    );
    for (const { id, isOpen } of evicted) if (isOpen) await this.note(sessionAudit.ended, { id, userId });
  }

  private note(action: AuditAction, { id, userId }: Pick<Session, 'id' | 'userId'>): Promise<void> {
    return this.audit.record({ action, actor: userId, subject: userId, target: id });
  }
}
