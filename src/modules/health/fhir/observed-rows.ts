import type { Position } from '../../../kernel/http/keyset.js';
import type { Owner } from '../../../records/define/owner.js';
import type { RecordDefinition } from '../../../records/define/define-record.js';
import type { SyncedRecord } from '../../../records/define/synced-record.js';
import { afterPosition, type Condition } from '../../../records/read/conditions.js';
import { RecordRepository } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';

/**
 * The rows of one table in a list that is made of several: the newest first, by an instant; at one instant by the rank of their
 * table, the highest first, and then by their ids.
 */
export class ObservedRows<Entity extends SyncedRecord> extends RecordRepository<Entity> {
  constructor(
    records: Records,
    definition: Pick<RecordDefinition<Entity>, 'kind'>,
    owner: Owner,
    /** The column with the instant. An index on the owner, this column and the id must exist. */
    private readonly column: string,
    readonly rank: number,
  ) {
    super(records, definition, owner);
  }

  /** @param position the instant, the rank and the id after which they start; undefined at the beginning of the list. */
  after(position: Position | undefined, [where, values]: Condition, count: number): Promise<Entity[]> {
    const [beyond, more] = position
      ? afterPosition(this.column, this.rank - Number(position[1]), position)
      : ['', []];
    return this.select(
      `deleted_at IS NULL${where}${beyond} ORDER BY ${this.column} DESC, id DESC LIMIT ${count}`,
      [...values, ...more],
    );
  }
}
