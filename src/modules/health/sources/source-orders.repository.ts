import type { Listing, Place } from '../../../kernel/http/paging.js';
import { Problem } from '../../../kernel/http/problem.js';
import type { Owner } from '../../../records/define/owner.js';
import type { Listed } from '../../../records/define/synced-record.js';
import { type Author, RecordRepository, stampNow } from '../../../records/write/record-repository.js';
import type { Records } from '../../../records/write/records.js';
import type { SourceOrder } from './source-order.entity.js';
import { FIRST_ORDER_ID, sourceOrderRecord } from './source-orders.record.js';

/** The order that an author has seen; version 0 for none, and undefined where they do not say. */
export interface SeenOrder {
  readonly id?: string | undefined;
  readonly version?: number | undefined;
}

/** The orders in which one person trusts sources. */
export class SourceOrdersRepository extends RecordRepository<SourceOrder> {
  constructor(
    private readonly all: Records,
    owner: Owner,
  ) {
    super(all, sourceOrderRecord, owner);
  }

  /** One page, the one that was stored last first. */
  list(place: Place): Promise<Listing<Listed<SourceOrder>>> {
    return this.pageBy('updatedAt', {}, place);
  }

  /** The order that counts, by one read of an index; empty when the person has set none. */
  async sources(): Promise<readonly string[]> {
    return (await this.current())?.sources ?? [];
  }

  /**
   * Sets the order that counts: changes the record that does, or creates the first one.
   * @throws Problem `version-conflict` when another order counts than the one that was seen, `quota-exceeded`
   */
  put(author: Author, sources: readonly string[], seen: SeenOrder): Promise<SourceOrder> {
    const kind = this.all.catalog.get(sourceOrderRecord.kind);
    return this.all.change(this.owner, async (changes) => {
      const current = await this.current();
      if (!isSeen(current, seen)) throw new Problem('version-conflict');
      const id = current?.id ?? FIRST_ORDER_ID;
      await changes.load(kind, [id]);
      const known = changes.find(kind, id);
      const edit = { kind, id, entered: { sources }, stamp: stampNow(author, changes) };
      const { record } = changes.apply(
        known ? { ...edit, op: 'update', baseVersion: known.version } : { ...edit, op: 'create' },
      );
      return record as SourceOrder;
    });
  }

  /** The record of the order that counts. */
  async current(): Promise<SourceOrder | undefined> {
    const [newest] = await this.select('deleted_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT 1', []);
    return newest;
  }
}

const isSeen = (current: SourceOrder | undefined, { id, version }: SeenOrder): boolean =>
  version === undefined ||
  (version === (current?.version ?? 0) && (id === undefined || current === undefined || id === current.id));
