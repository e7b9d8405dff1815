import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { UsersRepository } from './users.repository.js';

const LETS_IN = Symbol('hale:lets-in');

/**
 * For the table of something that lets somebody into the account in its `user_id`, or at its data.
 * `alone`: each row of it is a way to sign in by itself, as a password is.
 */
export const LetsIn = ({ alone = false } = {}): ClassDecorator =>
  Reflect.metadata(LETS_IN, { alone }) as ClassDecorator;

/** All that lets anybody into an account: found, not listed, so that what a later module adds is among it. */
@Injectable()
export class Credentials {
  private readonly tables: readonly string[];
  private readonly ways: readonly string[];

  constructor(
    private readonly database: Database,
    private readonly users: UsersRepository,
  ) {
    const marked = database.writer.entityMetadatas.flatMap(({ target, tableName }) => {
      const mark = Reflect.getMetadata(LETS_IN, target as object) as { alone: boolean } | undefined;
      return mark ? [{ tableName, ...mark }] : [];
    });
    this.tables = marked.map(({ tableName }) => tableName);
    this.ways = marked.filter(({ alone }) => alone).map(({ tableName }) => tableName);
  }

  /** How many ways there are to sign in. Under the person's lock, for who takes one away: the last one stays. */
  async waysIn(userId: string): Promise<number> {
    let count = (await this.users.find(userId))?.passwordHash ? 1 : 0;
    for (const table of this.ways) {
      const sql = `SELECT COUNT(*) AS count FROM ${table} WHERE user_id = ?`;
      const [row] = await this.database.rows<{ count: unknown }>(sql, [userId]);
      count += Number(row?.count ?? 0);
    }
    return count;
  }

  /**
   * Takes it all away: the password, sessions, keys, factors, links and grants. The records stay. Joins the caller's unit
   * of work, under the person's lock; the caller has the session gate forget the person after COMMIT.
   */
  async wipe(userId: string, at: Date): Promise<void> {
    for (const table of this.tables)
      await this.database.execute(`DELETE FROM ${table} WHERE user_id = ?`, [userId]);
    await this.users.update(userId, { passwordHash: '', updatedAt: at });
  }
}
