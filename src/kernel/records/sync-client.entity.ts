import { Entity } from 'typeorm';
import {
  bigintColumn,
  instantColumn,
  integerColumn,
  ownerKey,
  textKey,
} from '../../platform/database/columns.js';
import { NotARecord } from './record.js';

/** What the service remembers of one syncing device. */
@NotARecord('what is known of a device')
@Entity('sync_clients')
export class SyncClient {
  @ownerKey('fk_sync_clients_user') userId!: string;
  /** The device id, or the session id of a client that names no device. */
  @textKey(64) clientId!: string;
  /** The last `next_since` given to it: trusted when it comes back, even if no row bears that stamp any more. */
  @instantColumn({ nullable: true }) lastSince!: Date | null;
  /** The place of the newest edit it has sent, in its own order; kept as long as the client is. */
  @bigintColumn({ default: 0 }) lastClientSeq!: bigint;
  /** When it last sent or fetched something. */
  @instantColumn({ nullable: true }) lastSeenAt!: Date | null;
  /** Server clock minus the device's, in milliseconds. */
  @integerColumn({ nullable: true }) clockSkewMs!: number | null;
}
