import { Entity, Index } from 'typeorm';
import { instantColumn, textKey } from '../../../platform/database/columns.js';

/** A challenge that a device signs, once. */
@Entity('passkey_challenges')
@Index('idx_passkey_challenges_expires', ['expiresAt'])
export class PasskeyChallenge {
  /** SHA-256 of purpose and challenge, base64url, so that it is valid for no other purpose or person. */
  @textKey(43) challengeHash!: string;
  @instantColumn() expiresAt!: Date;
}
