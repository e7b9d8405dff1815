import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { Database, instantText } from '../../../platform/database/database.js';
import { describeError, Logger } from '../../../platform/logger.js';
import type { Owner, OwnerType } from '../../../records/define/owner.js';
import { RecordCatalog } from '../../../records/define/record-catalog.js';
import {
  CONFLICT_DAYS,
  daysBefore,
  MUTATION_DAYS,
  TOMBSTONE_DAYS,
} from '../../../records/define/retention.js';
import { writeRecordCounts } from '../../../records/merge/record-counts.js';
import { Records } from '../../../records/write/records.js';
import { ConflictsService } from '../conflicts/conflicts.service.js';
import { MutationLog } from '../push/mutation-log.js';

const OWNERS_AT_ONCE = 500;

export interface Forgotten {
  tombstones: number;
  conflicts: number;
  mutations: number;
}

/** Deletes data after its retention time. Several instances may run it at the same time; each row is deleted once. */
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
    for (const type of this.catalog.ownerTypes) await this.forgetOfAll(type, forgotten);
    return forgotten;
  }

  private async forgetOfAll(type: OwnerType, forgotten: Forgotten): Promise<void> {
    const { column, sequences } = type;
    for (let after = ''; ;) {
      const owners = await this.database.rows<{ id: string }>(
        `SELECT ${column} AS id FROM ${sequences} WHERE ${column} > ? ORDER BY ${column} LIMIT ${OWNERS_AT_ONCE}`,
        [after],
      );
      for (const { id } of owners) await this.forgetOf({ type, id }, forgotten);
      const last = owners.at(-1);
      if (!last) return;
      after = last.id;
    }
  }

  /** An owner who is locked or deleted must not stop the run for the others; the run of the next day tries again. */
  private async forgetOf(owner: Owner, forgotten: Forgotten): Promise<void> {
    try {
      forgotten.conflicts += await this.conflicts.forget(owner, daysBefore(this.clock.now(), CONFLICT_DAYS));
      forgotten.tombstones += await this.purge(owner);
    } catch (error) {
      this.logger.warn(describeError(error), 'retention');
    }
  }

  /** Under the owner's lock, so that no tombstone is restored during the purge. */
  private async purge(owner: Owner): Promise<number> {
    const { column, sequences } = owner.type;
    const values = [owner.id, instantText(daysBefore(this.clock.now(), TOMBSTONE_DAYS))];
    const kinds = this.catalog.ownedBy(owner.type);
    const tables = kinds.map(({ table }) => table.name);
    const isOld = `${column} = ? AND deleted_at < ?`;
    const newest = tables.map((table) => `SELECT MAX(seq) AS seq FROM ${table} WHERE ${isOld}`);
    const find = async () => {
      const [row] = await this.database.rows<{ floor: unknown }>(
        `SELECT MAX(seq) AS floor FROM (${newest.join(' UNION ALL ')}) purged`,
        tables.flatMap(() => values),
      );
      return row?.floor === null || row?.floor === undefined ? undefined : Number(row.floor);
    };
    if ((await find()) === undefined) return 0;
    return this.records.change(owner, async ({ order }) => {
      const floor = await find();
      if (floor === undefined) return 0;
      let count = 0;
      for (const { name, table } of kinds) {
        const purged = await this.database.execute(`DELETE FROM ${table.name} WHERE ${isOld}`, values);
        order.countMoved(name, 'deleted', undefined, purged);
        count += purged;
      }
      // Not as a change: a purge has no number in the owner's order.
      await this.database.execute(
        `UPDATE ${sequences} SET record_counts = ?, purged_seq = CASE WHEN purged_seq < ? THEN ? ELSE purged_seq END
         WHERE ${column} = ?`,
        [writeRecordCounts(order.knownCounts), floor, floor, owner.id],
      );
      return count;
    });
  }
}
