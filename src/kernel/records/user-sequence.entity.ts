import { Entity } from 'typeorm';
import { bigintColumn, instantColumn, ownerKey } from '../../platform/database/columns.js';

/**
 * The order of one person's changes. The row is made at sign-up and locked by every change until COMMIT, so the order
 * of `seq` is the order of commits and a reader never finds a hole that is filled later.
 */
@Entity('user_sequences')
export class UserSequence {
  @ownerKey('fk_user_sequences_user') userId!: string;
  /** The number of the newest change. */
  @bigintColumn() seq!: bigint;
  /** The stamp of the newest transaction; strictly increasing, whatever the clocks do. */
  @instantColumn() stamp!: Date;
}
