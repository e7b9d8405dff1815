import { Injectable } from '@nestjs/common';
import { Problem } from '../../kernel/http/problem.js';
import { Clock } from '../../platform/clock.js';
import { Database } from '../../platform/database/database.js';
import { isDuplicate } from '../../platform/database/errors.js';
import { Table } from '../../platform/database/table.js';
import { removeExpired } from './expired.js';
import { UsedIdToken } from './used-id-token.entity.js';
import { digest } from '../../platform/random-token.js';

/** Longer than an id_token is taken after it was made. */
const KEPT_MS = 2 * 3_600_000;

/** An id_token proves once who somebody is: who gets hold of it later, from a log or a proxy, gets nothing for it. */
@Injectable()
export class UsedIdTokens {
  private readonly table: Table<UsedIdToken>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    this.table = new Table(database.writer, UsedIdToken);
  }

  /** Uses one up; what fails later gives it back. Joins the caller's unit of work. @throws Problem `invalid-id-token` */
  async use(idToken: string): Promise<void> {
    const now = this.clock.now();
    // Without the signature: some algorithms have several that are right for one token.
    const tokenHash = digest(idToken.slice(0, idToken.lastIndexOf('.')));
    await removeExpired(this.database, { table: 'used_id_tokens', key: 'token_hash' }, new Date(now));
    try {
      await this.table.insert(this.database, [{ tokenHash, expiresAt: new Date(now + KEPT_MS) }]);
    } catch (error) {
      throw isDuplicate(error) ? new Problem('invalid-id-token') : error;
    }
  }
}
