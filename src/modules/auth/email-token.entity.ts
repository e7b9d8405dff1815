import { Entity, Index } from 'typeorm';
import {
  instantColumn,
  ownerColumn,
  textColumn,
  textKey,
  uuidColumn,
} from '../../platform/database/columns.js';
import { NotARecord } from '../../kernel/records/record.js';
import { LetsIn } from '../users/public.js';

/** A link that was mailed. Only a hash of its token is kept: a copy of this table opens nothing. */
@NotARecord('links in mails')
@LetsIn()
@Entity('email_tokens')
@Index('idx_email_tokens_user_purpose', ['userId', 'purpose'])
export class EmailToken {
  /** SHA-256, base64url. The token has 256 random bits: it needs no slow hash. */
  @textKey(43) tokenHash!: string;
  @ownerColumn('fk_email_tokens_user') userId!: string;
  @textColumn(8) purpose!: string;
  /** The address it was sent to, and counts for. */
  @textColumn(254) email!: string;
  /** In which it was asked for, if in one. */
  @uuidColumn({ nullable: true }) sessionId!: string | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
}
