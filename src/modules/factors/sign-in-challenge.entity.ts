import { Entity, Index } from 'typeorm';
import { NotARecord } from '../../kernel/records/record.js';
import {
  instantColumn,
  integerColumn,
  ownerColumn,
  textColumn,
  textKey,
  uuidColumn,
} from '../../platform/database/columns.js';
import { LetsIn } from '../users/public.js';

/** A sign-in that waits for its second proof. Only a hash is kept: a copy of this table answers nothing. */
@NotARecord('sign-ins that are not complete')
@LetsIn()
@Entity('sign_in_challenges')
@Index('idx_sign_in_challenges_user', ['userId'])
@Index('idx_sign_in_challenges_session', ['sessionId'])
export class SignInChallenge {
  /** SHA-256, base64url. The challenge has 256 random bits: it needs no slow hash. */
  @textKey(43) tokenHash!: string;
  @ownerColumn('fk_sign_in_challenges_user') userId!: string;
  /** Of the session that the answer opens. */
  @uuidColumn() sessionId!: string;
  /** Of the password that held then: after a reset the first proof is worth nothing. */
  @textColumn(43) passwordMark!: string;
  /** How many codes were tried. */
  @integerColumn() attempts!: number;
  @instantColumn() createdAt!: Date;
  @instantColumn() expiresAt!: Date;
}
