import { Entity } from 'typeorm';
import {
  bigintColumn,
  instantColumn,
  longTextColumn,
  ownerKey,
  textColumn,
} from '../../platform/database/columns.js';
import { NotARecord } from './record.js';

/**
 * The order of one person's changes. The row is made at sign-up and locked by every change until COMMIT, so the order
 * of `seq` is the order of commits and a reader never finds a hole that is filled later.
 */
@NotARecord('the order of records')
@Entity('user_sequences')
export class UserSequence {
  @ownerKey('fk_user_sequences_user') userId!: string;
  /** The number of the newest change. */
  @bigintColumn() seq!: bigint;
  /** The stamp of the newest transaction; strictly increasing, whatever the clocks do. */
  @instantColumn() stamp!: Date;
  /** Names one unbroken history: random, new after every restore from a backup. */
  @textColumn(16, { default: '' }) epoch!: string;
  /** Tombstones up to this number may be gone. */
  @bigintColumn({ default: 0 }) purgedSeq!: bigint;
  /** Count and sum of the live records by kind, as JSON; null where they have to be counted anew. */
  @longTextColumn({ nullable: true }) digests!: string | null;
}
