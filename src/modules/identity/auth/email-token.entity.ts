import { Entity, Index } from 'typeorm';
import {
  instantColumn,
  jsonColumn,
  ownerColumn,
  textColumn,
  textKey,
  uuidColumn,
} from '../../../platform/database/columns.js';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import { storedAs } from '../../../kernel/http/answer.js';
import { Credential } from '../users/credentials.js';
import { UpdateUserDto } from '../users/users.dto.js';

/** A mailed link. Only a hash of its token is stored, so a stolen copy of this table gives no access. */
@NotARecord('links in mails')
@Credential()
@Entity('email_tokens')
@Index('idx_email_tokens_user_purpose', ['userId', 'purpose'])
export class EmailToken {
  /** SHA-256, base64url. The token has 256 random bits, so a fast hash is enough. */
  @textKey(43) tokenHash!: string;
  @ownerColumn('fk_email_tokens_user') userId!: string;
  @textColumn(8) purpose!: string;
  /** The address that it was sent to; it is valid only for that one. */
  @textColumn(254) email!: string;
  /** The session that requested it; null if none did. */
  @uuidColumn({ nullable: true }) sessionId!: string | null;
  /**
   * The hash of the password with which the address was registered again while its account was unverified: the link belongs
   * to that registration. Null if it belongs to the account itself.
   */
  @textColumn(255, { nullable: true }) passwordHash!: string | null;
  /** The profile of that registration. */
  @jsonColumn({ nullable: true, transformer: storedAs(() => UpdateUserDto) }) profile!: UpdateUserDto | null;
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
}
