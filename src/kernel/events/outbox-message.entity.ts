import { Entity, ForeignKey, Index } from 'typeorm';
import {
  bigintColumn,
  instantColumn,
  integerColumn,
  longTextColumn,
  textColumn,
  uuidColumn,
  uuidKey,
} from '../../platform/database/columns.js';
import { NotARecord } from '../../platform/database/not-a-record.js';

/**
 * An event that one subscriber has not handled yet. It is written in the transaction of the event, and deleted when the
 * subscriber has handled it.
 */
@NotARecord('events on their way to a subscriber')
@Entity('outbox_messages')
@Index('idx_outbox_messages_due', ['subscriber', 'deadAt', 'dueAt'])
@Index('idx_outbox_messages_order', ['ownerId', 'subscriber', 'position'])
@Index('idx_outbox_messages_user', ['userId'])
@Index('idx_outbox_messages_dead', ['deadAt', 'id'])
export class OutboxMessage {
  @uuidKey() id!: string;
  /**
   * The account that the event is about: the message is deleted with it. Null when there is no account, or when the message
   * must be delivered although the account is deleted.
   */
  @ForeignKey('users', { name: 'fk_outbox_messages_user', onDelete: 'CASCADE', onUpdate: 'RESTRICT' })
  @uuidColumn({ nullable: true })
  userId!: string | null;
  /** The owner whose events are delivered in order: the account, or another owner of records. */
  @uuidColumn({ nullable: true }) ownerId!: string | null;
  @textColumn(64) topic!: string;
  @textColumn(64) subscriber!: string;
  /** The position among the messages of this owner for this subscriber; null when the subscriber needs no order. */
  @bigintColumn({ nullable: true }) position!: bigint | null;
  /** The event as encrypted JSON, because mails contain addresses and tokens that give access. */
  @longTextColumn() payload!: string;
  /** How often the message was claimed. */
  @integerColumn() attempts!: number;
  @instantColumn() createdAt!: Date;
  @instantColumn() dueAt!: Date;
  /** When the message expires and is dropped; null for an event that never expires. */
  @instantColumn({ nullable: true }) expiresAt!: Date | null;
  /** The end of the lease of the instance that delivers it. */
  @instantColumn({ nullable: true }) claimedUntil!: Date | null;
  /** When its delivery was given up. An operator sees it and can retry it. */
  @instantColumn({ nullable: true }) deadAt!: Date | null;
  /** The class and code of the last failed attempt's error, never its message. */
  @textColumn(100, { nullable: true }) lastError!: string | null;
}
