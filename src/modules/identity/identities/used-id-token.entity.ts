import { Entity, Index } from 'typeorm';
import { instantColumn, textKey } from '../../../platform/database/columns.js';

/** An id_token that was used to sign in, kept until it expires, so that it works once. */
@Entity('used_id_tokens')
@Index('idx_used_id_tokens_expires', ['expiresAt'])
export class UsedIdToken {
  /** SHA-256 of its signed part, base64url. */
  @textKey(43) tokenHash!: string;
  @instantColumn() expiresAt!: Date;
}
