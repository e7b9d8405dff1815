import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan, Not, type Repository } from 'typeorm';
import { Database, instantText, placeholders } from '../../platform/database/database.js';
import { Session } from './session.entity.js';

/** Sessions kept of one person; opening one more closes the one that was used least lately. */
export const MAX_SESSIONS = 50;

/** Nothing is sent any more to where a session was. */
const ended = (at: Date) => ({ revokedAt: at, pushService: null, pushToken: null });

@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  find(id: string): Promise<Session | null> {
    return this.sessions.findOneBy({ id });
  }

  /** Locks the row until COMMIT: of two requests with one token the second sees what the first decided. */
  findLocked(id: string): Promise<Session | null> {
    const lock = this.database.dialect === 'mysql' ? { lock: { mode: 'pessimistic_write' as const } } : {};
    return this.sessions.findOne({ where: { id }, ...lock });
  }

  /** Those that can still be refreshed. */
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

  /** Those that are neither revoked, expired nor gone: one query, however many. */
  async openAmong(ids: readonly string[], now: Date): Promise<Set<string>> {
    const rows = await this.database.rows<{ id: string }>(
      `SELECT id FROM sessions WHERE id IN (${placeholders(ids.length)})
         AND revoked_at IS NULL AND absolute_expires_at > ?`,
      [...ids, instantText(now)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async isVerified(userId: string): Promise<boolean> {
    const rows = await this.database.rows(
      'SELECT id FROM users WHERE id = ? AND email_verified_at IS NOT NULL',
      [userId],
    );
    return rows.length > 0;
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

  /** All but the {@link MAX_SESSIONS} used last, closed ones first: rows of one person stay bounded. */
  async superfluous(userId: string): Promise<{ id: string; isOpen: boolean }[]> {
    const rows = await this.database.rows<{ id: string; is_open: unknown }>(
      `SELECT id, CASE WHEN revoked_at IS NULL THEN 1 ELSE 0 END AS is_open FROM sessions WHERE user_id = ?
       ORDER BY is_open DESC, last_used_at DESC, id DESC LIMIT 1000 OFFSET ${MAX_SESSIONS}`,
      [userId],
    );
    return rows.map(({ id, is_open: isOpen }) => ({ id, isOpen: Number(isOpen) === 1 }));
  }

  async delete(ids: readonly string[]): Promise<void> {
    await this.database.execute(`DELETE FROM sessions WHERE id IN (${placeholders(ids.length)})`, ids);
  }

  private get sessions(): Repository<Session> {
    return this.database.manager.getRepository(Session);
  }
}
