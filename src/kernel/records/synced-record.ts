import { PrimaryColumn } from 'typeorm';
import {
  bigintColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  textColumn,
} from '../../platform/database/columns.js';

/**
 * What every record carries beside its own fields. Its key is (owner, id), the owner declared by the entity: nobody
 * can meet, take or probe another person's ids, and the rows of one person lie together. A deleted record stays as a
 * tombstone, so that every phone learns of it.
 */
export abstract class SyncedRecord {
  abstract userId: string;
  @PrimaryColumn({ type: 'varchar', length: 36 }) id!: string;
  @instantColumn() createdAt!: Date;
  /** The stamp of the transaction that changed it last: what `since` is compared with. */
  @instantColumn() updatedAt!: Date;
  @instantColumn({ nullable: true }) deletedAt!: Date | null;
  /** 1, 2, 3 …: how often it was changed. */
  @integerColumn() version!: number;
  /** Its place in the order of this person's changes. */
  @bigintColumn() seq!: bigint;
  /** When the person made the newest edit, by the device's clock, never later than the server's. */
  @instantColumn() modifiedAt!: Date;
  /** Orders edits of one instant that were made on top of each other. */
  @integerColumn() modifiedCounter!: number;
  /** The device that made that edit; empty when unknown. */
  @textColumn(64) modifiedBy!: string;
  /** Its place in that device's own order; 0 when the device does not count. */
  @bigintColumn({ default: 0 }) modifiedSeq!: bigint;
}

/** By group of fields, the edit that set it: time, counter, device, place in the device's order, and version. */
export type GroupClocks = Readonly<Record<string, readonly [number, number, string, number, number]>>;

/** A record whose groups of fields are edited independently. */
export abstract class GroupedRecord extends SyncedRecord {
  @jsonColumn() clocks!: GroupClocks;
}
