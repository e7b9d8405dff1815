import { Entity } from 'typeorm';
import { instantColumn, integerColumn, ownerKey, textKey } from '../../platform/database/columns.js';

/** What the service remembers of one syncing device. */
@Entity('sync_clients')
export class SyncClient {
  @ownerKey('fk_sync_clients_user') userId!: string;
  /** The device id, or the session id of a client that names no device. */
  @textKey(64) clientId!: string;
  /** The last `next_since` given to it: trusted when it comes back, even if no row bears that stamp any more. */
  @instantColumn({ nullable: true }) lastSince!: Date | null;
  /** Server clock minus the device's, in milliseconds. */
  @integerColumn({ nullable: true }) clockSkewMs!: number | null;
}
