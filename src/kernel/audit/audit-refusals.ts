import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../../platform/clock.js';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import { digest } from '../../platform/random-token.js';
import { canonical } from '../canonical.js';
import type { AuditRefusal } from './audit-refusal.entity.js';

/** What refusals that are counted together have in common. */
export type RefusalKey = Pick<AuditRefusal, 'action' | 'actor' | 'subject' | 'target'> & {
  /** Tells people without an account apart; only a hash of it is stored. */
  readonly stranger: string | undefined;
};

/** The refusals that were counted in a window that has ended. */
export type RefusalSum = Pick<AuditRefusal, 'action' | 'actor' | 'subject' | 'target' | 'times'>;

const COLUMNS = 'id, action, actor, subject, target, times, ends_at';
const AT_ONCE = 100;

/**
 * Counts refusals in windows, so that a repeated call does not fill the audit log. The counts are rows and not memory: they
 * commit together with the first entry, survive a crash, and are shared by all instances. The SQL is raw, because each step must
 * be one statement whose row count decides. All methods join the caller's unit of work.
 */
@Injectable()
export class AuditRefusals {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Counts a refusal.
   * @returns whether it is the first of its window, which belongs into the log, and the sum of the window before, if that was not
   * written yet.
   */
  async count({
    action,
    actor,
    subject,
    target,
    stranger = '',
  }: RefusalKey): Promise<{ isFirst: boolean; before: RefusalSum[] }> {
    const id = digest(canonical([action, actor, subject, target, stranger]));
    const now = this.clock.now();
    const counted = await this.database.execute(
      'UPDATE audit_refusals SET times = times + 1 WHERE id = ? AND ends_at > ?',
      [id, instantText(new Date(now))],
    );
    if (counted > 0) return { isFirst: false, before: [] };
    const { sums: before } = await this.take(id);
    const isSqlite = this.database.dialect === 'sqlite';
    const added = await this.database.execute(
      `INSERT INTO audit_refusals (${COLUMNS}) VALUES (?, ?, ?, ?, ?, 0, ?)
       ${isSqlite ? 'ON CONFLICT (id) DO UPDATE SET' : 'ON DUPLICATE KEY UPDATE'} times = times + 1`,
      [id, action, actor, subject, target, instantText(new Date(now + this.config.env.AUDIT_REFUSAL_WINDOW))],
    );
    // MySQL counts an updated row twice. On SQLite no other unit of work adds the row in between.
    return { isFirst: isSqlite || added === 1, before };
  }

  /** Takes some windows that have ended, which nobody else gets. */
  takeEnded(): Promise<{ sums: RefusalSum[]; isLast: boolean }> {
    return this.take();
  }

  /**
   * Deletes windows that have ended: one, or the oldest.
   * @returns those that counted something, and whether there is no other one.
   */
  private async take(id?: string): Promise<{ sums: RefusalSum[]; isLast: boolean }> {
    const rows = await this.database.rows(
      `SELECT ${COLUMNS} FROM audit_refusals WHERE ends_at <= ?${id === undefined ? '' : ' AND id = ?'}
       ORDER BY ends_at LIMIT ${AT_ONCE}`,
      [instantText(this.clock.date()), ...(id === undefined ? [] : [id])],
    );
    const sums: RefusalSum[] = [];
    for (const { ends_at: end, id: ended, ...row } of rows as unknown as (AuditRefusal & {
      ends_at: unknown;
    })[]) {
      const deleted = await this.database.execute('DELETE FROM audit_refusals WHERE id = ? AND ends_at = ?', [
        ended,
        instantText(readInstant(end)),
      ]);
      if (deleted > 0 && Number(row.times) > 0) sums.push({ ...row, times: Number(row.times) });
    }
    return { sums, isLast: rows.length < AT_ONCE };
  }
}
