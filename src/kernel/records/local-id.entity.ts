import { Entity, Index } from 'typeorm';
import { ownerKey, textColumn, textKey, uuidColumn } from '../../platform/database/columns.js';
import { NotARecord } from './record.js';

/**
 * Which record a phone's own id stands for; kept as long as the account, so that a retry is recognised however late
 * it comes.
 */
@NotARecord('how phones call records')
@Entity('sync_local_ids')
@Index('idx_sync_local_ids_record', ['recordId'])
export class LocalId {
  @ownerKey('fk_sync_local_ids_user') userId!: string;
  @textKey(32) kind!: string;
  /** The device the id is private to; empty for an id that is unique by itself (a UUID). */
  @textKey(64) deviceId!: string;
  @textKey(64) localId!: string;
  @uuidColumn() recordId!: string;
  /** Hash of the last item applied under this id: the same item again is a retry, whatever the clocks say. */
  @textColumn(43) lastHash!: string;
}
