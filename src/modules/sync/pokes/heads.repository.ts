import { Injectable } from '@nestjs/common';
import { batchesOf } from '../../../platform/database/batches.js';
import { Database, placeholders } from '../../../platform/database/database.js';

export interface HeadOf {
  readonly userId: string;
  readonly head: number;
}

/** How far the changes of many people are. */
@Injectable()
export class HeadsRepository {
  constructor(private readonly database: Database) {}

  /** One query for five hundred people; none for nobody. */
  async find(userIds: readonly string[]): Promise<HeadOf[]> {
    const heads: HeadOf[] = [];
    for (const batch of batchesOf(userIds)) {
      const rows = await this.database.rows<{ user_id: string; seq: unknown }>(
        `SELECT user_id, seq FROM user_sequences
         WHERE user_id IN (${placeholders(batch.length)})`,
        batch,
      );
      heads.push(...rows.map((row) => ({ userId: row.user_id, head: Number(row.seq) })));
    }
    return heads;
  }
}
