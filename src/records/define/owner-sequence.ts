import {
  counterColumn,
  instantColumn,
  integerColumn,
  longTextColumn,
  textColumn,
  textKey,
} from '../../platform/database/columns.js';

/**
 * The order of one owner's changes. The row is created together with the owner, and every change locks it until COMMIT. So
 * the order of `seq` is the order of the commits, and a reader never sees a gap that is filled later.
 */
export abstract class OwnerSequence {
  /** The number of the newest change. */
  @counterColumn() seq!: number;
  /** The stamp of the newest transaction. It is strictly increasing, even when a clock goes back. */
  @instantColumn() stamp!: Date;
  /** Identifies one unbroken history. It is random, and a new one begins after every restore from a backup. */
  @textColumn(16, { default: '' }) epoch!: string;
  /** Tombstones up to this number may have been purged. */
  @counterColumn({ default: 0 }) purgedSeq!: number;
  /** The digests of the live records by kind, as JSON; null when they have to be computed again from the records. */
  @longTextColumn({ nullable: true }) digests!: string | null;
  /** How far a count of missing digests has come, as JSON; null when none has begun. */
  @longTextColumn({ nullable: true }) digestCount!: string | null;
  /** How many records are stored, by kind, as JSON; null when they have to be counted again. */
  @longTextColumn({ nullable: true }) recordCounts!: string | null;
}

/** A history of an owner's records that ended, because the database was restored from a backup. */
export abstract class OwnerEpoch {
  @textKey(16) epoch!: string;
  /** 1, 2, 3 …: the order of the epochs. */
  @integerColumn() ordinal!: number;
  /** The last number of this epoch that was in the backup. Later changes were lost in the restore. */
  @counterColumn() lastSeq!: number;
  @instantColumn() createdAt!: Date;
}
