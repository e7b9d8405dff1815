import { Entity, Index } from 'typeorm';
import { ownerKey, textColumn, textKey, uuidColumn } from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/**
 * The record to which a phone gave its own id. It is kept as long as the account, so that even a very late retry is
 * recognised.
 */
@NotARecord('the ids that phones gave to records')
@Entity('sync_local_ids')
@Index('idx_sync_local_ids_record', ['recordId'])
export class LocalId {
  @ownerKey('fk_sync_local_ids_user') userId!: string;
  @textKey(32) kind!: string;
  /** The device that gave the id; empty for an id that is unique without the device (a UUID). */
  @textKey(64) deviceId!: string;
  @textKey(64) localId!: string;
  @uuidColumn() recordId!: string;
  /** The hash of the last item that was applied under this id. The same item again is a retry, even if the clocks differ. */
  @textColumn(43) lastHash!: string;
}
