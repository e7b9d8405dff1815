import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../config/config.js';
import type { Assurance } from '../../kernel/http/actor.js';
import type { AuditAction } from '../../kernel/audit/actions.js';
import { AuditLog, type DoneBy } from '../../kernel/audit/audit-log.js';
import { Problem } from '../../kernel/http/problem.js';
import { clientAddress } from '../../kernel/limits/client-address.js';
import { ChangeSequence } from '../../kernel/records/change-sequence.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionGate } from './session-gate.js';
import type { Session } from './session.entity.js';
import type { DeviceDto } from './sessions.dto.js';
import { SessionsRepository } from './sessions.repository.js';

/** What the client says of itself at sign-in, and where it came from. */
export type Device = Pick<Session, 'deviceId' | 'deviceName' | 'platform' | 'ip'>;

export const deviceOf = (body: DeviceDto, request: FastifyRequest): Device => ({
  deviceId: body.device_id ?? null,
  deviceName: body.device_name ?? null,
  platform: body.platform ?? null,
  ip: clientAddress(request),
});

@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly gate: SessionGate,
    private readonly sequence: ChangeSequence,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
  ) {}

  /** Opens a session; the one used least lately makes room when there are too many. */
  open(userId: string, device: Device, aal: Assurance, id: string): Promise<Session> {
    const now = this.clock.date();
    const session: Session = {
      ...device,
      id,
      userId,
      counter: 0,
      confirmedCounter: 0,
      rotatedAt: now,
      createdAt: now,
      lastUsedAt: now,
      absoluteExpiresAt: new Date(now.getTime() + this.config.env.REFRESH_ABSOLUTE_TTL),
      revokedAt: null,
      authTime: now,
      aal,
      pushService: null,
      pushToken: null,
    };
    // Under the person's lock: two sign-ins at once would each wait for the row the other has just made.
    return this.sequence.change(userId, async () => {
      await this.sessions.insert(session);
      await this.note('session.opened', session);
      await this.makeRoom(userId);
      return session;
    });
  }

  list(userId: string): Promise<Session[]> {
    const now = this.clock.now();
    return this.sessions.listOpen(userId, new Date(now - this.config.env.REFRESH_IDLE_TTL), new Date(now));
  }

  /** Ends a session; ending it again changes nothing. */
  async close(sessionId: string): Promise<void> {
    const session = await this.sessions.find(sessionId);
    if (session) await this.revoke(session.userId, sessionId);
  }

  /** @returns whether the person had such an open session. */
  revoke(userId: string, sessionId: string): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      this.unitOfWork.afterCommit(() => this.gate.forget(sessionId));
      const wasOpen = await this.sessions.revoke(userId, sessionId, this.clock.date());
      if (wasOpen) await this.note('session.ended', { id: sessionId, userId });
      return wasOpen;
    });
  }

  /** Whether it was neither ended nor has it expired, asking the database. Joins the caller's unit of work. */
  async isOpen(sessionId: string): Promise<boolean> {
    return (await this.gate.openAmong([sessionId])).size > 0;
  }

  /** Notes that the person has just proved who they are. @throws Problem `session-revoked` */
  prove(sessionId: string): Promise<Session> {
    return this.unitOfWork.run(async () => {
      const session = await this.sessions.findLocked(sessionId);
      if (!session || session.revokedAt !== null) throw new Problem('session-revoked');
      const authTime = this.clock.date();
      await this.sessions.update(sessionId, { authTime });
      await this.note('session.confirmed', session);
      return { ...session, authTime };
    });
  }

  /** Counts as opened with two factors from now on. Joins the caller's unit of work. @throws Problem `session-revoked` */
  async strengthen(sessionId: string): Promise<Session> {
    const session = await this.sessions.findLocked(sessionId);
    if (!session || session.revokedAt !== null) throw new Problem('session-revoked');
    await this.sessions.update(sessionId, { aal: 2 });
    return { ...session, aal: 2 };
  }

  /** Keeps where the phone of a session is reached; null when it shall not be any more. */
  setPush(sessionId: string, push: { service: string; token: string } | null): Promise<void> {
    return this.unitOfWork.run(() =>
      this.sessions.update(sessionId, { pushService: push?.service ?? null, pushToken: push?.token ?? null }),
    );
  }

  /** Ends every session but one; all, with none to keep. Joins the caller's unit of work. */
  revokeOthers(userId: string, keep: string | null, { by, reason }: DoneBy = { by: userId }): Promise<void> {
    return this.unitOfWork.run(async () => {
      this.unitOfWork.afterCommit(() => this.gate.forgetUser(userId));
      await this.sessions.revokeOthers(userId, keep, this.clock.date());
      await this.audit.record({ action: 'sessions.ended', actor: by, subject: userId, reason });
    });
  }

  /** The rows went with the account. */
  forgetAll(userId: string): void {
    this.gate.forgetUser(userId);
  }

  private async makeRoom(userId: string): Promise<void> {
    const evicted = await this.sessions.superfluous(userId);
    if (evicted.length === 0) return;
    this.unitOfWork.afterCommit(() => this.gate.forgetUser(userId));
    await this.sessions.delete(evicted.map(({ id }) => id));
    for (const { id, isOpen } of evicted) if (isOpen) await this.note('session.ended', { id, userId });
  }

  private note(action: AuditAction, { id, userId }: Pick<Session, 'id' | 'userId'>): Promise<void> {
    return this.audit.record({ action, actor: userId, subject: userId, target: id });
  }
}
