import { Entity, Index } from 'typeorm';
import { instantColumn, textKey } from '../../platform/database/columns.js';

/** An id_token that somebody has signed in with, kept until it expires: it works once. */
@Entity('used_id_tokens')
@Index('idx_used_id_tokens_expires', ['expiresAt'])
export class UsedIdToken {
  /** SHA-256 of what is signed in it, base64url. */
  @textKey(43) tokenHash!: string;
  @instantColumn() expiresAt!: Date;
}
