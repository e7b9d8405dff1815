import { Entity, Index } from 'typeorm';
import {
  bigintColumn,
  doubleColumn,
  instantColumn,
  integerColumn,
  ownerColumn,
  quantityColumn,
  textColumn,
  uuidKey,
} from '../../platform/database/columns.js';

/** One measured body weight. A deleted one stays as a tombstone, so that every phone learns of it. */
@Entity('weight_entries')
@Index('idx_weight_entries_user_timestamp', ['userId', 'timestamp'])
@Index('idx_weight_entries_user_id', ['userId'])
@Index('idx_weight_entries_timestamp', ['timestamp'])
@Index('idx_weight_entries_user_updated', ['userId', 'updatedAt', 'seq'])
export class WeightEntry {
  @uuidKey() id!: string;
  @ownerColumn('fk_weight_entries_user') userId!: string;
  /** As entered, in `unit`; the pair comes back unchanged. */
  @doubleColumn() weightValue!: number;
  @textColumn(10) unit!: string;
  /** The same weight in kilograms, for sums, charts and comparison. */
  @quantityColumn() weightKg!: number;
  /** When it was measured. */
  @instantColumn() timestamp!: Date;
  @instantColumn() createdAt!: Date;
  /** The stamp of the transaction that changed it last: what `since` is compared with. */
  @instantColumn() updatedAt!: Date;
  @instantColumn({ nullable: true }) deletedAt!: Date | null;
  /** 1, 2, 3 …: how often it was changed. */
  @integerColumn() version!: number;
  /** Its place in the order of this person's changes. */
  @bigintColumn() seq!: bigint;
  /** When the person made the edit that holds now, by the device's clock, never later than the server's. */
  @instantColumn() modifiedAt!: Date;
  /** Orders edits of one instant that were made on top of each other. */
  @integerColumn() modifiedCounter!: number;
  /** The device that made that edit; empty when unknown. */
  @textColumn(64) modifiedBy!: string;
}
