import { Entity, Index } from 'typeorm';
import { jsonColumn, ownerKey } from '../../../platform/database/columns.js';
import { SyncedRecord } from '../../../records/define/synced-record.js';

/** An order in which a person trusts sources. Of several, the one that was stored last counts. */
@Entity('source_orders')
@Index('idx_source_orders_user_seq', ['userId', 'seq'])
@Index('idx_source_orders_user_updated', ['userId', 'updatedAt', 'id'])
export class SourceOrder extends SyncedRecord {
  @ownerKey('fk_source_orders_user') userId!: string;
  /** The most trusted first. */
  @jsonColumn() sources!: string[];
}
