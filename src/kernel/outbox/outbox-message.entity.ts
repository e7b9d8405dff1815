import { Entity, ForeignKey, Index } from 'typeorm';
import {
  instantColumn,
  integerColumn,
  longTextColumn,
  textColumn,
  uuidColumn,
  uuidKey,
} from '../../platform/database/columns.js';
import { NotARecord } from '../records/record.js';

/** What shall leave the process once its change has committed; it is gone when it has been delivered. */
@NotARecord('what is on its way out')
@Entity('outbox_messages')
@Index('idx_outbox_messages_due', ['dueAt'])
@Index('idx_outbox_messages_user', ['userId'])
export class OutboxMessage {
  @uuidKey() id!: string;
  /** Whose account it is about: who deletes it is told nothing more. Null for what outlives the account, or has none. */
  @ForeignKey('users', { name: 'fk_outbox_messages_user', onDelete: 'CASCADE', onUpdate: 'RESTRICT' })
  @uuidColumn({ nullable: true })
  userId!: string | null;
  @textColumn(32) topic!: string;
  /** JSON, sealed: it holds addresses, and tokens that let their bearer in. */
  @longTextColumn() payload!: string;
  /** How often it was claimed. */
  @integerColumn() attempts!: number;
  @instantColumn() createdAt!: Date;
  @instantColumn() dueAt!: Date;
  @instantColumn() expiresAt!: Date;
  /** Until then an instance is delivering it. */
  @instantColumn({ nullable: true }) claimedUntil!: Date | null;
}
