import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { Owner } from '../define/owner.js';
import { RecordCatalog } from '../define/record-catalog.js';
import { RecordChanges } from '../merge/record-changes.js';
import { ChangeSequence } from './change-sequence.js';
import { RecordEvents } from './record-events.js';

/** The only way to write records. It orders, merges, counts and announces every change. */
@Injectable()
export class Records {
  constructor(
    readonly catalog: RecordCatalog,
    readonly database: Database,
    private readonly sequence: ChangeSequence,
    private readonly events: RecordEvents,
  ) {}

  /**
   * Runs `work` under the owner's lock, and writes its changes in the same transaction.
   * @throws Problem with the owner type's `missing` code, when there is no such owner.
   */
  change<T>(owner: Owner, work: (changes: RecordChanges) => Promise<T>): Promise<T> {
    return this.sequence.change(owner, async (order) => {
      const changes = new RecordChanges(order, this.catalog, this.database, this.events);
      const result = await work(changes);
      await changes.flush();
      return result;
    });
  }
}
