import { Injectable } from '@nestjs/common';
import { Database, instantText, readInstant } from '../../platform/database/database.js';
import type { SqlRow, SqlValue } from '../../platform/database/statements.js';
import { Table } from '../../platform/database/table.js';
import { Grant } from './grant.entity.js';

/** A grant, and whose data it opens, as the one sees it who was granted. */
export interface ReceivedGrant {
  readonly id: string;
  readonly ownerId: string;
  readonly displayName: string | null;
  readonly scopes: readonly string[];
  readonly until: Date;
}

@Injectable()
export class GrantsRepository {
  private readonly table: Table<Grant>;

  constructor(private readonly database: Database) {
    this.table = new Table(database.writer, Grant);
  }

  insert(grant: Grant): Promise<void> {
    return this.table.insert(this.database, [grant]);
  }

  /** Of one owner, the newest first. */
  given(ownerId: string, now: Date): Promise<Grant[]> {
    return this.select('user_id = ? AND expires_at > ? ORDER BY created_at DESC, id DESC', [
      ownerId,
      instantText(now),
    ]);
  }

  /** @returns whether the owner had given it. */
  async remove(ownerId: string, id: string): Promise<boolean> {
    return (
      (await this.database.execute('DELETE FROM grants WHERE user_id = ? AND id = ?', [ownerId, id])) > 0
    );
  }

  async removeExpired(ownerId: string, now: Date): Promise<void> {
    await this.database.execute('DELETE FROM grants WHERE user_id = ? AND expires_at <= ?', [
      ownerId,
      instantText(now),
    ]);
  }

  /** Gives an account what waits for its address. */
  async claim(granteeId: string, email: string): Promise<void> {
    await this.database.execute(
      'UPDATE grants SET grantee_id = ? WHERE grantee_email = ? AND grantee_id IS NULL',
      [granteeId, email],
    );
  }

  /** What holds of what one account has let another read: both must still be what they were. */
  async holding(granteeId: string, ownerId: string, now: Date): Promise<Grant[]> {
    return this.select(
      `grantee_id = ? AND user_id = ? AND expires_at > ?
       AND EXISTS (SELECT 1 FROM users WHERE id = ? AND role = 'coach' AND disabled_at IS NULL)
       AND EXISTS (SELECT 1 FROM users WHERE id = ? AND disabled_at IS NULL)`,
      [granteeId, ownerId, instantText(now), granteeId, ownerId],
    );
  }

  /** What a coach was granted. */
  async received(granteeId: string, now: Date): Promise<ReceivedGrant[]> {
    const rows = await this.database.rows<SqlRow>(
      `SELECT g.id, g.user_id, g.scopes, g.expires_at, u.display_name FROM grants g
       JOIN users u ON u.id = g.user_id AND u.disabled_at IS NULL
       WHERE g.grantee_id = ? AND g.expires_at > ? ORDER BY g.created_at DESC, g.id DESC LIMIT 1000`,
      [granteeId, instantText(now)],
    );
    return rows.map((row) => ({
      id: row['id'] as string,
      ownerId: row['user_id'] as string,
      displayName: row['display_name'] as string | null,
      scopes: JSON.parse(row['scopes'] as string) as string[],
      until: readInstant(row['expires_at']),
    }));
  }

  private select(where: string, values: readonly SqlValue[]): Promise<Grant[]> {
    return this.table.select(this.database, where, values);
  }
}
