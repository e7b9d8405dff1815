import { PrimaryColumn } from 'typeorm';
import {
  counterColumn,
  instantColumn,
  integerColumn,
  jsonColumn,
  textColumn,
} from '../../platform/database/columns.js';

/**
 * The columns of every record, in addition to the fields of its kind. The primary key is (owner, id); the entity declares the
 * column of the owner. So the ids of one owner are independent of the ids of others, nobody can test which ids another owner
 * uses, and the rows of one owner are stored together. A deleted record remains as a tombstone, so that every phone learns of
 * the deletion.
 */
export abstract class SyncedRecord {
  @PrimaryColumn({ type: 'varchar', length: 36 }) id!: string;
  @instantColumn() createdAt!: Date;
  /** The stamp of the transaction that changed the record last. A pull compares `since` with it. */
  @instantColumn() updatedAt!: Date;
  @instantColumn({ nullable: true }) deletedAt!: Date | null;
  /** 1, 2, 3 …: it increases with each change. */
  @integerColumn() version!: number;
  /** The number of its newest change in the owner's order of changes. */
  @counterColumn() seq!: number;
  /** When the newest edit was made, by the device's clock, but never later than the server's time. */
  @instantColumn() modifiedAt!: Date;
  /** Orders edits with the same time that were made on top of each other. */
  @integerColumn() modifiedCounter!: number;
  /** The device that made the newest edit; empty when unknown. */
  @textColumn(64) modifiedBy!: string;
  /** The number of the newest edit in the device's own order; 0 when the device does not number its edits. */
  @counterColumn({ default: 0 }) modifiedSeq!: number;
}

/** An edit of a group of fields: time, counter, device, number in the device's order, and version. */
export type GroupClock = readonly [number, number, string, number, number];

/**
 * For each group of fields, the edit that set it. It is followed by the prevailing edit that its author had seen, if the group has a
 * value that prevails.
 */
export type GroupClocks = Readonly<Record<string, readonly [...GroupClock, GroupClock?]>>;

/** A record whose groups of fields are edited independently. */
export abstract class GroupedRecord extends SyncedRecord {
  @jsonColumn() clocks!: GroupClocks;
}

/** What the source of a record said last. */
export interface LastUpload {
  /** A short hash of each value that it sent, by the wire name of its field. */
  readonly hashes: Readonly<Record<string, string>>;
  /** The version with which it wrote a group; 1 for a group that is not named. */
  readonly versions: Readonly<Record<string, number>>;
  /** When it made the last upload with a value of a group, in milliseconds: an earlier one that arrives later does not count. */
  readonly times: Readonly<Record<string, number>>;
  /** The version that another device has uploaded as well. What wrote it does not take it back alone. */
  readonly sharedAt?: number;
}

/** A record that its source uploads again and again, under an `externalId` of the source: see `merge/uploads.ts`. */
export abstract class UploadedRecord extends GroupedRecord {
  /** Null for a record that no source has uploaded. */
  @jsonColumn({ nullable: true }) uploaded!: LastUpload | null;
}

/** Properties that only the engine needs. A list does not read their columns. */
export const BOOKKEEPING = [
  'deletedAt',
  'seq',
  'modifiedAt',
  'modifiedCounter',
  'modifiedBy',
  'modifiedSeq',
  'clocks',
  'uploaded',
] as const;

/** Properties that a pull shows of every record, in addition to the data of its kind. */
export const FRAME = [
  'id',
  'createdAt',
  'updatedAt',
  'deletedAt',
  'version',
  'seq',
  'modifiedAt',
  'modifiedBy',
] as const;

/** A record as a pull reads it: the properties of {@link FRAME}, and those of its data. */
export type ChangedRecord = Pick<SyncedRecord, (typeof FRAME)[number]>;

/** A live record as a list reads it. */
export type Listed<Entity extends SyncedRecord> = Omit<Entity, (typeof BOOKKEEPING)[number]>;
