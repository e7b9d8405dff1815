import { Entity, Index } from 'typeorm';
import {
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
  uuidColumn,
} from '../../platform/database/columns.js';
import { SyncedRecord } from './synced-record.js';

/** One side of a conflict, as it would appear on the wire. */
export interface ConflictSide {
  /** When the person made the edit. */
  readonly modified_at: string;
  /** The device; empty when unknown. */
  readonly modified_by: string;
  /** Of the record with this side in it; null for a side that never held. */
  readonly version: number | null;
  readonly deleted: boolean;
  /** What was entered; null for a deletion. */
  readonly data: object | null;
}

/** Two edits that did not know of each other: what holds, and what lost, whole. */
@Entity('conflicts')
@Index('idx_conflicts_user_seq', ['userId', 'seq'])
@Index('idx_conflicts_user_status', ['userId', 'status', 'createdAt'])
export class Conflict extends SyncedRecord {
  @ownerKey('fk_conflicts_user') userId!: string;
  @textColumn(32) recordKind!: string;
  @uuidColumn() recordId!: string;
  @textColumn(20) reason!: string;
  /** The version the losing edit was made on, as far as it is known. */
  @integerColumn({ nullable: true }) baseVersion!: number | null;
  @jsonColumn({ nullable: true }) winner!: ConflictSide | null;
  @jsonColumn({ nullable: true }) loser!: ConflictSide | null;
  @textColumn(10) status!: string;
  @textColumn(12, { nullable: true }) resolution!: string | null;
  @instantColumn({ nullable: true }) resolvedAt!: Date | null;
}
