import { Entity } from 'typeorm';
import {
  bigintColumn,
  instantColumn,
  integerColumn,
  ownerKey,
  textKey,
} from '../../platform/database/columns.js';
import { NotARecord } from './record.js';

/** One unbroken history of a person's records that has ended: the database was restored from a backup. */
@NotARecord('where histories end')
@Entity('sync_epochs')
export class SyncEpoch {
  @ownerKey('fk_sync_epochs_user') userId!: string;
  @textKey(16) epoch!: string;
  /** 1, 2, 3 …: which came first. */
  @integerColumn() ordinal!: number;
  /** The last number of it that the backup had: what came later is not here. */
  @bigintColumn() lastSeq!: bigint;
  @instantColumn() createdAt!: Date;
}
