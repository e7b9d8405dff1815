import { Entity, Index } from 'typeorm';
import {
  instantColumn,
  integerColumn,
  jsonColumn,
  ownerKey,
  textColumn,
  uuidKey,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';

/** `deleting` → `deleted`; then `undoing` → `undone`. Both become `failed` when they do not proceed, which can be taken back. */
export const DELETION_STATUSES = ['deleting', 'deleted', 'undoing', 'undone', 'failed'] as const;
/** What a failed deletion could not finish. */
export const DELETION_FAILURES = ['deletion-interrupted', 'undo-interrupted'] as const;
export type DeletionFailure = (typeof DELETION_FAILURES)[number];
export type DeletionStatus = (typeof DELETION_STATUSES)[number];

/** The deletion of all records of one source, which can be taken back. */
@NotARecord('the state of work; what it deletes are records')
@Entity('source_deletions')
@Index('idx_source_deletions_user_created', ['userId', 'createdAt', 'id'])
@Index('idx_source_deletions_status', ['status', 'finishedAt'])
export class SourceDeletion {
  @ownerKey('fk_source_deletions_user') userId!: string;
  @uuidKey() id!: string;
  @textColumn(64) source!: string;
  @textColumn(16) status!: DeletionStatus;
  /** How often it was claimed. It identifies the claim. */
  @integerColumn() attempts!: number;
  /** The attempt that proceeded last, or at which it was begun or taken back. */
  @integerColumn({ default: 0 }) provenAttempt!: number;
  @instantColumn({ nullable: true }) claimedUntil!: Date | null;
  /**
   * Records that were stored before, and not edited since, are deleted. It is a boundary in the order of the person's changes: the
   * stamp of every transaction that deletes some of them is later.
   */
  @instantColumn() storedBefore!: Date;
  /** How many records were deleted, by kind. */
  @jsonColumn() counts!: Readonly<Record<string, number>>;
  @integerColumn() recordsDeleted!: number;
  @integerColumn() recordsRestored!: number;
  /** The stamp of the last transaction that deleted some of them. */
  @instantColumn({ nullable: true }) lastStamp!: Date | null;
  /** What was deleted up to this stamp has been taken back. */
  @instantColumn({ nullable: true }) restoredStamp!: Date | null;
  @textColumn(32, { nullable: true }) failure!: DeletionFailure | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() updatedAt!: Date;
  @instantColumn({ nullable: true }) finishedAt!: Date | null;
}
