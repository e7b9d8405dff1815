import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, MoreThan, Not, Repository } from 'typeorm';
import { batchesOf } from '../../../platform/database/batches.js';
import { Database } from '../../../platform/database/database.js';
import { SyncClients } from '../../../records/write/sync-clients.js';
import { Session } from './session.entity.js';

/** Sessions kept per person; opening one more closes the least recently used one. */
export const MAX_SESSIONS = 50;

/** An ended session gets no push messages. */
const ended = (at: Date) => ({ revokedAt: at, pushService: null, pushToken: null });

@Injectable()
export class SessionsRepository {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly database: Database,
    private readonly clients: SyncClients,
  ) {}

  find(id: string): Promise<Session | null> {
    return this.sessions.findOneBy({ id });
  }

  hasDevice(userId: string, deviceId: string): Promise<boolean> {
    return this.sessions.existsBy({ userId, deviceId });
  }

  /** Locks the row until COMMIT, so that of two requests with one token the second sees the result of the first. */
  findLocked(id: string): Promise<Session | null> {
    return this.sessions.findOne({ where: { id }, ...this.database.locked });
  }

  /** Sessions that can still be refreshed, the most recently used first. */
  listOpen(userId: string, idleSince: Date, now: Date): Promise<Session[]> {
    return this.sessions.find({
      where: {
        userId,
        revokedAt: IsNull(),
        lastUsedAt: MoreThan(idleSince),
        absoluteExpiresAt: MoreThan(now),
      },
      order: { lastUsedAt: 'DESC', id: 'DESC' },
      take: MAX_SESSIONS,
    });
  }

  /** The ids of sessions that exist and are neither revoked nor expired; one query for five hundred. */
  async openAmong(ids: readonly string[], now: Date): Promise<Set<string>> {
    const open = new Set<string>();
    for (const batch of batchesOf(ids)) {
      const found = await this.sessions.find({
        select: { id: true },
        where: { id: In(batch), revokedAt: IsNull(), absoluteExpiresAt: MoreThan(now) },
      });
      for (const { id } of found) open.add(id);
    }
    return open;
  }

  async insert(session: Session): Promise<void> {
    await this.sessions.insert(session);
  }

  async update(id: string, changes: Partial<Session>): Promise<void> {
    await this.sessions.update({ id }, changes);
  }

  /** Notes that the refresh token `counter` has reached its client, unless a newer one was issued meanwhile. */
  async confirm(id: string, counter: number): Promise<void> {
    await this.sessions.update(
      { id, counter, confirmedCounter: Not(counter) },
      { confirmedCounter: counter },
    );
  }

  /** Removes the second factor from the sessions that it raised; from those of unknown factors, too. */
  async lower(userId: string, factor: string): Promise<void> {
    for (const raisedBy of [factor, IsNull()])
      await this.sessions.update({ userId, aal: 2, raisedBy }, { aal: 1, raisedBy: null });
  }

  /** Closes one session of a person. @returns whether there was an open one. */
  async revoke(userId: string, id: string, at: Date): Promise<boolean> {
    const result = await this.sessions.update({ id, userId, revokedAt: IsNull() }, ended(at));
    return (result.affected ?? 0) > 0;
  }

  async revokeOthers(userId: string, keep: string | null, at: Date): Promise<void> {
    await this.sessions.update(
      { userId, revokedAt: IsNull(), ...(keep === null ? {} : { id: Not(keep) }) },
      ended(at),
    );
  }

  /** The sessions beyond the {@link MAX_SESSIONS} most recently used, closed ones first, to limit the rows per person. */
  async superfluous(userId: string): Promise<{ id: string; isOpen: boolean }[]> {
    const rows = await this.sessions
      .createQueryBuilder('session')
      .select('session.id', 'id')
      .addSelect('CASE WHEN session.revokedAt IS NULL THEN 1 ELSE 0 END', 'is_open')
      .where({ userId })
      .orderBy({ is_open: 'DESC', 'session.lastUsedAt': 'DESC', 'session.id': 'DESC' })
      .limit(1_000)
      .offset(MAX_SESSIONS)
      .getRawMany<{ id: string; is_open: unknown }>();
    return rows.map(({ id, is_open: isOpen }) => ({ id, isOpen: Number(isOpen) === 1 }));
  }

  /** A device without a name syncs under the id of its session: with the session it is gone for good. */
  async delete(userId: string, ids: readonly string[]): Promise<void> {
    await this.sessions.delete({ userId, id: In(ids) });
    await this.clients.remove(userId, ids);
  }
}
