import { Entity } from 'typeorm';
import {
  counterColumn,
  instantColumn,
  integerColumn,
  ownerKey,
  textKey,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/** The state of one device that syncs. */
@NotARecord('the state of devices')
@Entity('sync_clients')
export class SyncClient {
  @ownerKey('fk_sync_clients_user') userId!: string;
  /** The device id, or the session id when the client sends no device id. */
  @textKey(64) clientId!: string;
  /** The last `next_since` that the device got. It is accepted when it comes back, even if no row has that stamp now. */
  @instantColumn({ nullable: true }) lastSince!: Date | null;
  /** The number of the newest edit that the device has sent, in its own order. It is kept as long as this row. */
  @counterColumn({ default: 0 }) lastClientSeq!: number;
  /** When the device last sent or fetched something. */
  @instantColumn({ nullable: true }) lastSeenAt!: Date | null;
  /** The server's clock minus the device's clock, in milliseconds. */
  @integerColumn({ nullable: true }) clockSkewMs!: number | null;
}

export const newClient = (userId: string, clientId: string): SyncClient => ({
  userId,
  clientId,
  lastSince: null,
  lastClientSeq: 0,
  lastSeenAt: null,
  clockSkewMs: null,
});
