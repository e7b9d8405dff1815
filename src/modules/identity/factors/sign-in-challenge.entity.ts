import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../../platform/database/not-a-record.js';
import {
  instantColumn,
  integerColumn,
  ownerColumn,
  textColumn,
  textKey,
  uuidColumn,
} from '../../../platform/database/columns.js';
import { Credential } from '../users/credentials.js';

/** A sign-in that waits for its second proof. Only a hash is stored, so a stolen copy of this table gives no access. */
@NotARecord('sign-ins that are not complete')
@Credential()
@Entity('sign_in_challenges')
@Index('idx_sign_in_challenges_user', ['userId'])
@Index('idx_sign_in_challenges_session', ['sessionId'])
export class SignInChallenge {
  /** SHA-256, base64url. The challenge has 256 random bits, so a fast hash is enough. */
  @textKey(43) tokenHash!: string;
  @ownerColumn('fk_sign_in_challenges_user') userId!: string;
  /** Id of the session that the answer opens. */
  @uuidColumn() sessionId!: string;
  /** Hash of the password hash at that time: a password reset invalidates the first proof. */
  @textColumn(43) passwordMark!: string;
  /** Number of codes tried. */
  @integerColumn() attempts!: number;
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
}
