import { Injectable } from '@nestjs/common';
import { Database, placeholders } from '../../platform/database/database.js';
import { exactInteger } from '../../platform/database/table.js';
import { batchesOf } from './batches.js';

export interface HeadOf {
  readonly userId: string;
  readonly head: bigint;
}

/** How far the changes of many people are. */
@Injectable()
export class HeadsRepository {
  constructor(private readonly database: Database) {}

  /** One query for five hundred people; none for nobody. */
  async find(userIds: readonly string[]): Promise<HeadOf[]> {
    const heads: HeadOf[] = [];
    for (const batch of batchesOf(userIds)) {
      const rows = await this.database.rows<{ user_id: string; seq_text: string }>(
        `SELECT user_id, ${exactInteger('seq')} AS seq_text FROM user_sequences
         WHERE user_id IN (${placeholders(batch.length)})`,
        batch,
      );
      heads.push(...rows.map((row) => ({ userId: row.user_id, head: BigInt(row.seq_text) })));
    }
    return heads;
  }
}
