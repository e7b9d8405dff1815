import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Owner } from '../define/owner.js';
import { RecordCatalog } from '../define/record-catalog.js';
import { RecordChanges } from '../merge/record-changes.js';
import { EMPTY_DIGEST } from '../merge/digest.js';
import { NO_RECORDS, type RecordCounts } from '../merge/record-counts.js';
import { type ChangeSet, ChangeSequence } from './change-sequence.js';
import { RecordEvents } from './record-events.js';
import { RecordLimits } from './record-limits.js';

/** The only way to write records. It orders, merges, counts and announces every change. */
@Injectable()
export class Records {
  constructor(
    readonly catalog: RecordCatalog,
    readonly database: Database,
    private readonly sequence: ChangeSequence,
    private readonly events: RecordEvents,
    private readonly limits: RecordLimits,
  ) {}

  /**
   * Runs `work` under the owner's lock, and writes its changes in the same transaction.
   * @throws Problem with the owner type's `missing` code, when there is no such owner.
   */
  change<T>(owner: Owner, work: (changes: RecordChanges) => Promise<T>): Promise<T> {
    return this.sequence.change(owner, async (order) => {
      if (!this.hasCounts(order)) order.adoptCounts(await this.count(owner));
      const changes = new RecordChanges(order, this.catalog, this.database, this.events, this.limits);
      const result = await work(changes);
      await changes.flush();
      return result;
    });
  }

  /** How many records of each kind the owner stores. */
  async counts(owner: Owner): Promise<RecordCounts> {
    return (await this.sequence.head(owner)).counts ?? this.count(owner);
  }

  /**
   * How many live records of a kind the owner has, by one primary-key read. Undefined when they have to be counted: nothing is
   * stored, or counts and digests differ, because something else than this service has written records.
   */
  async liveCount(owner: Owner, kind: string): Promise<number | undefined> {
    const { counts, digests } = await this.sequence.head(owner);
    if (!counts || !digests) return undefined;
    const { live } = counts[kind] ?? NO_RECORDS;
    return live === (digests[kind] ?? EMPTY_DIGEST).count ? live : undefined;
  }

  /** Counts the rows by one statement. */
  private async count({ type, id }: Owner): Promise<RecordCounts> {
    const kinds = this.catalog.ownedBy(type);
    const rows = await this.database.rows<{ kind: string; stored: unknown; deleted: unknown }>(
      kinds
        .map(
          ({ name, table }) =>
            `SELECT '${name}' AS kind, COUNT(*) AS stored, COUNT(deleted_at) AS deleted FROM ${table.name} WHERE ${type.column} = ?`,
        )
        .join(' UNION ALL '),
      kinds.map(() => id),
    );
    return Object.fromEntries(
      rows.map(({ kind, stored, deleted }) => [
        kind,
        { live: Number(stored) - Number(deleted), deleted: Number(deleted) },
      ]),
    );
  }

  /**
   * Whether the stored counts can be used. They are missing after an update of the service, and differ from the digests after
   * an instance of an older version has written records. A kind that a version no longer has keeps its digest, and does not
   * matter.
   */
  private hasCounts({ owner, knownCounts, knownDigests = {} }: ChangeSet): boolean {
    if (!knownCounts) return false;
    return this.catalog.ownedBy(owner.type).every(({ name }) => {
      const digest = knownDigests[name];
      return !digest || digest.count === (knownCounts[name] ?? NO_RECORDS).live;
    });
  }
}
