import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { describeError, Logger } from '../../platform/logger.js';
import { RecordCatalog } from '../../kernel/records/catalog.js';
import { CONFLICT_DAYS, daysBefore, MUTATION_DAYS, TOMBSTONE_DAYS } from '../../kernel/records/retention.js';
import { Records } from '../../kernel/records/records.js';
import { ConflictsService } from './conflicts.service.js';
import { MutationLog } from './mutation-log.js';

const PEOPLE_AT_ONCE = 500;

export interface Forgotten {
  tombstones: number;
  conflicts: number;
  mutations: number;
}

/** What has served its time goes. Several instances may do it at once; each row goes once. */
@Injectable()
export class RetentionService {
  constructor(
    private readonly database: Database,
    private readonly catalog: RecordCatalog,
    private readonly records: Records,
    private readonly conflicts: ConflictsService,
    private readonly mutations: MutationLog,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<Forgotten> {
    const forgotten: Forgotten = { tombstones: 0, conflicts: 0, mutations: 0 };
    forgotten.mutations = await this.mutations.forget(daysBefore(this.clock.now(), MUTATION_DAYS));
    for (let after = ''; ;) {
      const people = await this.database.rows<{ user_id: string }>(
        `SELECT user_id FROM user_sequences WHERE user_id > ? ORDER BY user_id LIMIT ${PEOPLE_AT_ONCE}`,
        [after],
      );
      for (const { user_id: userId } of people) await this.forgetOf(userId, forgotten);
      const last = people.at(-1);
      if (!last) return forgotten;
      after = last.user_id;
    }
  }

  /** One person whose records are busy, or who leaves meanwhile, holds up nobody: tomorrow is another day. */
  private async forgetOf(userId: string, forgotten: Forgotten): Promise<void> {
    try {
      forgotten.conflicts += await this.conflicts.forget(userId, daysBefore(this.clock.now(), CONFLICT_DAYS));
      forgotten.tombstones += await this.purge(userId);
    } catch (error) {
      this.logger.warn(describeError(error), 'retention');
    }
  }

  /** Under the person's lock, so that none comes back to life meanwhile. */
  private async purge(userId: string): Promise<number> {
    const values = [userId, instantText(daysBefore(this.clock.now(), TOMBSTONE_DAYS))];
    const tables = this.catalog.all.map(({ table }) => table.name);
    const newest = tables.map((table) => `SELECT MAX(seq) AS seq FROM ${table} WHERE ${OLD_TOMBSTONE}`);
    const find = async () => {
      const [row] = await this.database.rows<{ floor: string | null }>(
        `SELECT CAST(MAX(seq) AS CHAR) AS floor FROM (${newest.join(' UNION ALL ')}) purged`,
        tables.flatMap(() => values),
      );
      return row?.floor ?? null;
    };
    if ((await find()) === null) return 0;
    return this.records.change(userId, async () => {
      const floor = await find();
      if (floor === null) return 0;
      let count = 0;
      for (const table of tables)
        count += await this.database.execute(`DELETE FROM ${table} WHERE ${OLD_TOMBSTONE}`, values);
      await this.database.execute(
        'UPDATE user_sequences SET purged_seq = ? WHERE user_id = ? AND purged_seq < ?',
        [BigInt(floor), userId, BigInt(floor)],
      );
      return count;
    });
  }
}

const OLD_TOMBSTONE = 'user_id = ? AND deleted_at < ?';
